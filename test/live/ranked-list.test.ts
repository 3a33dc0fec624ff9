import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankedList } from '../../src/live/kit/ranked-list.ts';

type Entry = readonly [...order: number[], id: string];

/** Number tuples in order, then the id. */
const compare = (a: Entry, b: Entry): number => {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x = '', y = ''] = [a[i], b[i]];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
};
const entry = fc.tuple(fc.nat(5), fc.nat(20), fc.constantFrom('a', 'b', 'c')).map((e): Entry => e);
const step = fc.record({ insert: fc.boolean(), entry });

/** The same, in a plain sorted array. */
const sortedArray = () => {
  let items: Entry[] = [];
  return {
    items: () => items,
    insert: (item: Entry) => {
      if (!items.some((other) => compare(other, item) === 0)) items = [...items, item].sort(compare);
    },
    remove: (item: Entry) => {
      items = items.filter((other) => compare(other, item) !== 0);
    },
  };
};

describe('a ranked list', () => {
  it('agrees with a sorted array, whatever is inserted and removed', () =>
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400, size: 'max' }), fc.array(entry, { maxLength: 20 }), (steps, probes) => {
        const list = rankedList(compare);
        const model = sortedArray();
        for (const { insert, entry: item } of steps) {
          if (insert) {
            list.insert(item);
            model.insert(item);
          } else {
            list.remove(item);
            model.remove(item);
          }
        }
        const items = model.items();
        expect(list.size()).toBe(items.length);
        expect([...list.from(0)]).toEqual(items);
        expect(list.first()).toEqual(items[0]);
        items.forEach((item, rank) => {
          expect(list.rank(item)).toBe(rank);
          expect(list.at(rank)).toBe(item);
        });
        for (const probe of probes) expect(list.rank(probe)).toBe(items.filter((item) => compare(item, probe) < 0).length);
      }),
    ));

  it('keeps what remains in order while many are inserted and removed at either end, in the middle, or all', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 4999 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (size, stride, cuts) => {
          const list = rankedList<number>((a, b) => a - b);
          let expected: number[] = [];
          for (let i = 0; i < size; i++) list.insert((i * stride) % 5003); // 5003 is prime: no two alike
          expected = Array.from({ length: size }, (_, i) => (i * stride) % 5003).sort((a, b) => a - b);
          for (const n of cuts) {
            const [from, count] = [n % (expected.length + 1), (n >> 3) % (expected.length + 1)];
            for (const item of expected.splice(from, count)) list.remove(item);
            expect(list.size()).toBe(expected.length);
            expect([...list.from(0)]).toEqual(expected);
            expected.forEach((item, rank) => {
              if (rank % 37 === 0) expect([list.rank(item), list.at(rank)]).toEqual([rank, item]);
            });
          }
        },
      ),
      { numRuns: 60 },
    ));

  it('reads on from any rank, and counts a head by what holds for it', () =>
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(3000), { maxLength: 1500, size: 'max' }), fc.nat(1600), fc.nat(3000), (numbers, rank, bound) => {
        const list = rankedList<number>((a, b) => a - b);
        numbers.forEach(list.insert);
        const sorted = [...numbers].sort((a, b) => a - b);
        expect([...list.from(rank)]).toEqual(sorted.slice(rank));
        expect(list.rankWhere((n) => n < bound)).toBe(sorted.filter((n) => n < bound).length);
        expect(list.from(rank).next().value).toBe(sorted[rank]);
      }),
    ));

  it('has nothing outside its ranks', () => {
    const list = rankedList<number>((a, b) => a - b);
    expect([list.first(), list.at(0), list.rank(7), list.size()]).toEqual([undefined, undefined, 0, 0]);
    list.insert(5);
    expect([list.at(-1), list.at(0), list.at(1), list.at(0.5)]).toEqual([undefined, 5, undefined, undefined]);
    expect([list.rank(4), list.rank(5), list.rank(6)]).toEqual([0, 0, 1]);
  });

  it('keeps the item that was first when an equal one comes', () => {
    const list = rankedList<{ n: number; name: string }>((a, b) => a.n - b.n);
    list.insert({ n: 1, name: 'first' });
    list.insert({ n: 1, name: 'second' });
    expect([...list.from(0)]).toEqual([{ n: 1, name: 'first' }]);
  });

  it('compares no more than a few dozen times for any one operation among a hundred thousand', () => {
    let compared = 0;
    const list = rankedList<number>((a, b) => {
      compared += 1;
      return a - b;
    });
    for (let i = 0; i < 100_000; i++) list.insert((i * 48_271) % 100_003);
    const most = (operation: (n: number) => void) => {
      let worst = 0;
      for (let n = 0; n < 100_003; n += 1009) {
        compared = 0;
        operation(n);
        worst = Math.max(worst, compared);
      }
      return worst;
    };
    expect(most(list.rank)).toBeLessThan(40);
    expect(most(list.remove)).toBeLessThan(40);
    expect(most(list.insert)).toBeLessThan(40);
  });
});
