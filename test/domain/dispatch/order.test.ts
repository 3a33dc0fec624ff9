import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareStanding, effectivePriority } from '../../../src/domain/dispatch/order.ts';

const ageing = { initial: 0, increment: 5, everySeconds: 60, limit: 100 };
const priorityAfter = (seconds: number, some: Partial<typeof ageing> = {}, initial = 10) =>
  effectivePriority({ initial, enteredAt: 0 }, { ...ageing, ...some }, seconds * 1000);

describe('effective priority', () => {
  it('grows by the increment every so many seconds', () =>
    expect([0, 59.999, 60, 119.999, 120].map((seconds) => priorityAfter(seconds))).toEqual([10, 10, 15, 15, 20]));
  it('stops at the limit', () => expect([1_080, 10_000].map((seconds) => priorityAfter(seconds))).toEqual([100, 100]));
  it('that begins above the limit stays', () => expect(priorityAfter(600, {}, 200)).toBe(200));
  it('does not fall for one who enters on a clock ahead of ours', () =>
    expect(effectivePriority({ initial: 10, enteredAt: 90_000 }, ageing, 0)).toBe(10));
  it('of two who came with the same, the earlier is never behind', () =>
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.nat(10_000),
        fc.nat(10_000),
        fc.nat(50),
        fc.integer({ min: 1, max: 600 }),
        fc.nat(1000),
        (initial, a, b, increment, everySeconds, limit) => {
          const [early, late] = [Math.min(a, b), Math.max(a, b)].map((enteredAt, index) => {
            return {
              id: String(index),
              enteredAt,
              priority: effectivePriority({ initial, enteredAt }, { initial, increment, everySeconds, limit }, 20_000),
            };
          });
          if (early && late) expect(compareStanding(early, late)).toBeLessThan(0);
        },
      ),
    ));
});

describe('the order of a line', () => {
  const standing = fc.record({ priority: fc.nat(3), enteredAt: fc.nat(3), id: fc.constantFrom('a', 'b', 'c') });
  it('is priority, then entry, then the id', () => {
    const sorted = [
      { priority: 1, enteredAt: 0, id: 'd' },
      { priority: 2, enteredAt: 1, id: 'c' },
      { priority: 2, enteredAt: 0, id: 'b' },
      { priority: 2, enteredAt: 0, id: 'a' },
    ].sort(compareStanding);
    expect(sorted.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
  });
  it('is total', () =>
    fc.assert(
      fc.property(standing, standing, standing, (a, b, c) => {
        expect(Math.sign(compareStanding(a, b))).toBe(-Math.sign(compareStanding(b, a)) + 0);
        if (compareStanding(a, b) <= 0 && compareStanding(b, c) <= 0) expect(compareStanding(a, c)).toBeLessThanOrEqual(0);
        if (compareStanding(a, b) === 0) expect(a).toEqual(b);
      }),
    ));
});
