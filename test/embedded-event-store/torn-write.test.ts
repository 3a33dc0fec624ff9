import { randomUUID } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Proposed } from '../../src/embedded/event-store/protocol/proposed-message.ts';
import { append } from '../../src/embedded/event-store/store/append.ts';
import { pageForwards } from '../../src/embedded/event-store/store/read-all.ts';
import { headOf, openStore, type Store } from '../../src/embedded/event-store/store/store.ts';
import { startWriter } from '../../src/embedded/event-store/store/writer.ts';
import { inFolder } from './folder.ts';

const pageSize = 4096;
const metaPages = 2;

const proposed = (): Proposed => ({
  id: randomUUID(),
  type: 'E',
  contentType: 'application/json',
  data: Buffer.alloc(700, 'x'),
  metadata: Buffer.alloc(0),
});

const write = (store: Store, stream: string, events: number): Promise<unknown> =>
  new Promise((resolve, reject) =>
    startWriter(store, Date.now).enqueue({
      decide: (group) => append(group, stream, 'any', Array.from({ length: events }, proposed)),
      answer: resolve,
      fail: reject,
    }),
  );

const positions = (store: Store): number[] => pageForwards(store, 0, 10_000).map((e) => e.position);

describe('a power cut in the middle of a write', () => {
  it('leaves what was acknowledged before, whichever pages of the write reached the disk, whole or half', () =>
    inFolder(async (dir) => {
      const before = join(dir, 'before');
      const store = openStore(before);
      for (let i = 0; i < 40; i++) await write(store, `stream-${i % 5}`, 3);
      const acknowledged = positions(store);
      await store.db.env.close();
      const after = join(dir, 'after');
      await cp(before, after, { recursive: true });
      const next = openStore(after);
      await write(next, 'stream-1', 60);
      await next.db.env.close();

      const old = await readFile(join(before, 'data.mdb'));
      const written = await readFile(join(after, 'data.mdb'));
      const pages = Math.ceil(written.length / pageSize);
      const page = fc.constantFrom('old', 'new', 'half', 'garbage');
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(page, { minLength: pages, maxLength: pages }), fc.integer({ min: 0, max: 255 }), async (fates, byte) => {
          const torn = Buffer.from(written);
          old.copy(torn, 0, 0, metaPages * pageSize); // the last thing a commit writes is which root counts
          for (let n = metaPages; n < pages; n++) {
            const from = n * pageSize;
            const to = Math.min(from + pageSize, torn.length);
            const changed = !old.subarray(from, to).equals(written.subarray(from, to));
            if (!changed || fates[n] === 'new') continue;
            if (fates[n] === 'garbage' || from >= old.length) torn.fill(byte, from, to);
            else old.copy(torn, from, from, fates[n] === 'half' ? from + pageSize / 2 : to);
          }
          const at = join(dir, `torn-${run++}`);
          await cp(before, at, { recursive: true });
          await writeFile(join(at, 'data.mdb'), torn);
          const opened = openStore(at);
          expect(positions(opened)).toEqual(acknowledged);
          await write(opened, 'stream-1', 1);
          expect(positions(opened)).toHaveLength(acknowledged.length + 1);
          expect(headOf(opened, 'stream-1').last).toBe(24);
          await opened.db.env.close();
        }),
        { numRuns: 20 },
      );
    }));
});
