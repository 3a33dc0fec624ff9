import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { append } from '../../src/embedded/event-store/store/append.ts';
import { type Wanted, wantedBy } from '../../src/embedded/event-store/store/filter.ts';
import { decodeBlock, encodeBlock, endOfBlock, type Mark, withoutGone } from '../../src/embedded/event-store/store/filter-block.ts';
import { pagesForwards } from '../../src/embedded/event-store/store/pages.ts';
import { beginSearch, consider } from '../../src/embedded/event-store/store/search.ts';
import { searchBackwards } from '../../src/embedded/event-store/store/search-backwards.ts';
import { entryOf, openStore, type Store } from '../../src/embedded/event-store/store/store.ts';
import { startWriter } from '../../src/embedded/event-store/store/writer.ts';

const word = fc.constantFrom('a-1', 'a-2', 'b-1', 'bb', 'c', 'ü\n"');
const marks = fc
  .array(fc.record({ gap: fc.integer({ min: 1, max: 500 }), type: word, stream: word }), { minLength: 1, maxLength: 60 })
  .map((list) => {
    let position = 0;
    return list.map(({ gap, type, stream }): Mark => {
      position += gap;
      return { position, type, stream };
    });
  });

describe('a block of the filter index', () => {
  it('says of each event its position, type and stream', () =>
    fc.assert(
      fc.property(marks, (list) => {
        const block = encodeBlock(list, 99_999);
        expect(endOfBlock(block)).toBe(99_999);
        for (const on of ['type', 'stream'] as const) {
          const { positions, values, indices } = decodeBlock(block, on);
          expect([...positions]).toEqual(list.map((m) => m.position));
          expect([...indices].map((i) => values[i])).toEqual(list.map((m) => m[on]));
        }
      }),
    ));

  it('without what is gone is the block of the rest', () =>
    fc.assert(
      fc.property(marks, fc.func(fc.boolean()), (list, gone) => {
        const rest = list.filter((m) => !gone(m.position));
        const expected = rest.length === list.length ? undefined : encodeBlock(rest, 7);
        expect(withoutGone(encodeBlock(list, 7), (position) => gone(position))).toEqual(expected);
      }),
    ));
});

describe('a search with a filter', () => {
  let dir: string;
  let store: Store;
  let everything: Mark[];
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'event-store-'));
    store = openStore(dir);
    const writer = startWriter(store, Date.now);
    for (let n = 0; n < 120; n++) {
      await new Promise((resolve, reject) =>
        writer.enqueue({
          decide: (group) => {
            const types = Array.from({ length: 31 }, (_, i) => (n === 40 && i === 3 ? 'rare' : `type-${i % 5}`));
            const event = (type: string) => ({
              id: randomUUID(),
              type,
              contentType: undefined,
              data: Buffer.alloc(0),
              metadata: Buffer.alloc(0),
            });
            append(group, `stream-${n % 7}`, 'any', types.map(event));
          },
          answer: resolve,
          fail: reject,
        }),
      );
    }
    everything = [...pagesForwards(store, 0, undefined)].flat().map(({ position, stored }) => entryOf(position, stored));
  });
  afterAll(async () => {
    await store.db.env.close();
    await rm(dir, { recursive: true });
  });

  const filters = fc.oneof(
    fc.record({
      on: fc.constant('type' as const),
      regex: fc.constant(''),
      prefixes: fc.constantFrom(['type-1'], ['rare'], ['none'], ['type-'], []),
    }),
    fc.record({ on: fc.constant('stream' as const), regex: fc.constantFrom('^stream-[35]$', 'm-0', 'zzz'), prefixes: fc.constant([]) }),
  );

  it('finds what a look at every event finds, from wherever, in whatever steps', () =>
    fc.assert(
      fc.property(
        filters,
        fc.nat(4000),
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 1, max: 300 }),
        (filter, at, window, limit) => {
          const wanted: Wanted = wantedBy({ ...filter, window: undefined, multiplier: 1 });
          const from = everything[at]?.position ?? store.end;
          const rest = everything.slice(at);
          const search = beginSearch(store, wanted);
          const found: number[] = [];
          let considered = 0;
          for (let next = from, end = false; !end; ) {
            const seen = consider(search, next, window, limit);
            expect(seen.count).toBeLessThanOrEqual(window);
            expect(seen.wanted.length).toBeLessThanOrEqual(limit);
            if (seen.count > 0) expect(seen.first).toBe(rest[considered]?.position);
            considered += seen.count;
            if (seen.count > 0) expect(seen.last).toBe(rest[considered - 1]?.position);
            found.push(...seen.wanted.map((e) => e.position));
            next = seen.next;
            end = seen.end;
          }
          expect(considered).toBe(rest.length);
          expect(found).toEqual(rest.filter((m) => wanted.test(m[wanted.on])).map((m) => m.position));
        },
      ),
      { numRuns: 60 },
    ));

  it('backwards finds the same, newest first, from wherever', () =>
    fc.assert(
      fc.property(filters, fc.nat(4000), fc.integer({ min: 1, max: 300 }), (filter, at, limit) => {
        const wanted: Wanted = wantedBy({ ...filter, window: undefined, multiplier: 1 });
        const pages = [...searchBackwards(store, everything[at]?.position ?? store.end, wanted, limit)];
        for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit);
        const before = everything.slice(0, at).filter((m) => wanted.test(m[wanted.on]));
        expect(pages.flat().map((e) => e.position)).toEqual(before.map((m) => m.position).reverse());
      }),
      { numRuns: 60 },
    ));
});
