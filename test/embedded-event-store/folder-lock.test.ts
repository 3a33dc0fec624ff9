import { jsonEvent } from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { startEventStore } from '../../src/embedded/event-store/start.ts';
import { runCommand, startChild } from './child.ts';
import { inFolder } from './folder.ts';
import { startServer } from './server.ts';

describe('a folder that is served', () => {
  it('is refused to another process, and to this one, with a sentence', () =>
    inFolder(async (dir) => {
      const server = await startServer(dir);
      const other = await runCommand('--data', dir, '--port', '0');
      expect(other.code).toBe(1);
      expect(other.err).toContain(`The event store in ${dir} is in use by another process (process ${process.pid}).`);
      await expect(startEventStore({ dir })).rejects.toThrow(`The event store in ${dir} is in use`);
      await server.stop();
      await (await startServer(dir)).stop();
    }));

  it('is free again when its server was killed', () =>
    inFolder(async (dir) => {
      const killed = await startChild(dir);
      await killed.kill();
      const server = await startServer(dir);
      await server.client.appendToStream('s', jsonEvent({ type: 'E', data: {} }));
      await server.stop();
    }));

  it('goes to one of many that start at once', () =>
    inFolder(async (dir) => {
      await (await startChild(dir)).kill(); // leaves a socket that nobody answers
      const starts = await Promise.allSettled(Array.from({ length: 6 }, () => startEventStore({ dir })));
      const started = starts.flatMap((s) => (s.status === 'fulfilled' ? [s.value] : []));
      expect(started).toHaveLength(1);
      await Promise.all(started.map((s) => s.close()));
    }));

  it('can have a long name', () =>
    inFolder(async (dir) => {
      const deep = `${dir}/${'deep.folder/'.repeat(12)}`;
      const server = await startServer(deep);
      await expect(startEventStore({ dir: deep })).rejects.toThrow('is in use');
      await server.stop();
    }));
});
