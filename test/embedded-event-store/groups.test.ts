import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Proposed } from '../../src/embedded/event-store/protocol/proposed-message.ts';
import { append } from '../../src/embedded/event-store/store/append.ts';
import { wantedBy } from '../../src/embedded/event-store/store/filter.ts';
import type { Group } from '../../src/embedded/event-store/store/group.ts';
import { pagesBackwards, pagesForwards } from '../../src/embedded/event-store/store/pages.ts';
import { entryOf, openStore, type Store } from '../../src/embedded/event-store/store/store.ts';
import { startWriter, type Writer } from '../../src/embedded/event-store/store/writer.ts';
import { inFolder } from './folder.ts';

const MIB = 2 ** 20;
const event = (type: string, bytes: number): Proposed => ({
  id: randomUUID(),
  type,
  contentType: undefined,
  data: Buffer.alloc(bytes),
  metadata: Buffer.alloc(0),
});

const inStore = (run: (store: Store, writer: Writer, dir: string) => Promise<void>): Promise<void> =>
  inFolder(async (dir) => {
    const store = openStore(dir);
    const writer = startWriter(store, Date.now);
    await run(store, writer, dir);
  });

/** Appends to a stream; answers the group that the append was written with. */
const write = (writer: Writer, stream: string, events: readonly Proposed[]): Promise<Group> =>
  new Promise((resolve, reject) =>
    writer.enqueue({
      decide: (group) => {
        append(group, stream, 'any', events);
        return group;
      },
      answer: resolve,
      fail: reject,
    }),
  );

describe('large events', () => {
  it('are written in groups that stay small, and found by a filter, both ways', () =>
    inStore(async (store, writer) => {
      const groups = await Promise.all(Array.from({ length: 80 }, (_, i) => write(writer, `s-${i % 10}`, [event('E', MIB)])));
      expect(new Set(groups).size).toBeGreaterThan(2);
      for (const group of groups) expect(group.entries.length).toBeLessThanOrEqual(32);
      const wanted = wantedBy({ on: 'stream', regex: '', prefixes: ['s-3'], window: undefined, multiplier: 1 });
      expect([...pagesForwards(store, 0, wanted)].flat()).toHaveLength(8);
      for (const page of [...pagesForwards(store, 0, undefined), ...pagesBackwards(store, store.end, wanted)])
        expect(page.length).toBeLessThanOrEqual(2);
      await store.db.env.close();
    }));

  it('do not make a start look through more than some of them', () =>
    inStore(async (store, writer, dir) => {
      for (let i = 0; i < 6; i++) await Promise.all(Array.from({ length: 10 }, () => write(writer, 's', [event('E', MIB)])));
      await store.db.env.close();
      const again = openStore(dir);
      expect(again.filterIndex.marks.length).toBeLessThanOrEqual(16);
      expect(again.recent.young.size).toBe(32);
      await again.db.env.close();
    }));
});

describe('an append of very many events', () => {
  it('is found by a filter, event by event, though each has a type of its own', () =>
    inStore(async (store, writer) => {
      const count = 70_000;
      await write(
        writer,
        's',
        Array.from({ length: count }, (_, i) => event(`type-${i}.`, 0)),
      );
      const typed = (prefix: string) => wantedBy({ on: 'type', regex: '', prefixes: [prefix], window: undefined, multiplier: 1 });
      for (const i of [0, 65_534, 65_535, 65_536, count - 1]) {
        const forwards = [...pagesForwards(store, 0, typed(`type-${i}.`))].flat();
        expect(forwards.map(({ position, stored }) => entryOf(position, stored).revision)).toEqual([i]);
        expect([...pagesBackwards(store, store.end, typed(`type-${i}.`))].flat()).toEqual(forwards);
      }
      await store.db.env.close();
    }));
});

describe('work that fails', () => {
  it('fails what was to be written with it, and nothing that comes after', () =>
    inStore(async (store, writer) => {
      const before = write(writer, 's', [event('A', 1)]);
      const broken = new Promise((resolve, reject) =>
        writer.enqueue({
          decide: () => {
            throw new Error('undecided');
          },
          answer: resolve,
          fail: reject,
        }),
      );
      const after = write(writer, 's', [event('B', 1)]);
      await expect(before).rejects.toThrow('undecided');
      await expect(broken).rejects.toThrow('undecided');
      expect((await after).entries.map((e) => [e.type, e.revision])).toEqual([['B', 0]]);
      await store.db.env.close();
    }));
});
