import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { all, count, numbered } from '../contract/reading.ts';
import { runCommand, startChild } from './child.ts';
import { inFolder } from './folder.ts';
import { startServer } from './server.ts';

/** Appends to a server that is then killed; answers the ids that were acknowledged. */
const killedAfterAppends = async (dir: string): Promise<readonly (string | undefined)[]> => {
  const killed = await startChild(dir);
  const client = killed.connect();
  for (let i = 0; i < 60; i++) await client.appendToStream(`s-${i % 3}`, count(7));
  const acknowledged = (await all(client.readAll())).map(({ event }) => event?.id);
  await client.dispose();
  await killed.kill();
  return acknowledged;
};

describe('a store whose file was cut short after a kill', () => {
  it('has everything that was acknowledged, and goes on, if only the last bytes are missing', () =>
    inFolder(async (dir) => {
      const original = join(dir, 'original');
      const acknowledged = await killedAfterAppends(original);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 200_000 }), async (bytes) => {
          const cut = join(dir, randomUUID());
          await mkdir(cut);
          await copyFile(join(original, 'data.mdb'), join(cut, 'data.mdb'));
          await truncate(join(cut, 'data.mdb'), (await stat(join(original, 'data.mdb'))).size - bytes);
          const { client, stop } = await startServer(cut);
          await client.appendToStream('s-0', numbered(0), { expectedRevision: 139n });
          expect((await all(client.readAll())).slice(0, -1).map(({ event }) => event?.id)).toEqual(acknowledged);
          await stop();
        }),
        { numRuns: 6, examples: [[1], [4096]] },
      );
    }));

  it('is refused with a sentence if more is missing', () =>
    inFolder(async (dir) => {
      await killedAfterAppends(dir);
      await truncate(join(dir, 'data.mdb'), 5 * 4096);
      const { code, err } = await runCommand('--data', dir, '--port', '0');
      expect(code).toBe(1);
      expect(err).toContain(`${join(dir, 'data.mdb')} is cut short`);
    }));
});
