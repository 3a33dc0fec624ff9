import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { jsonEvent } from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { all } from '../contract/reading.ts';
import { startChild } from './child.ts';
import { inFolder } from './folder.ts';

const run = promisify(execFile);
const event = () => jsonEvent({ type: 'E', data: { text: 'x'.repeat(1000) } });
const unary = { credentials: { username: 'any', password: 'any' } };

describe.skipIf(process.platform !== 'linux')('a full disk', () => {
  it('refuses appends with a sentence, goes on reading, and takes appends again once there is space', () =>
    inFolder(async (dir) => {
      const server = await startChild(dir, 'ulimit -S -f 2000;'); // files may grow to 2 MB
      const client = server.connect();
      let written = 0;
      let refused: unknown;
      while (refused === undefined && written < 10_000) {
        try {
          await client.appendToStream('s', Array.from({ length: 100 }, event));
          written += 100;
        } catch (error) {
          refused = error;
        }
      }
      expect(String(refused)).toContain('The disk is full or failing');
      const alone = await client.appendToStream('t', Array.from({ length: 100 }, event), unary).catch((error: unknown) => error);
      expect(String(alone)).toContain('nothing was written');
      expect(await all(client.readStream('s'))).toHaveLength(written);

      await run('prlimit', ['--pid', String(server.process.pid), '--fsize=unlimited']);
      const { nextExpectedRevision } = await client.appendToStream('s', event());
      expect(nextExpectedRevision).toBe(BigInt(written));
      await client.dispose();
      await server.stop();
    }));
});
