import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Departure, estimateWait, KEPT_DEPARTURES, meanGapSeconds, WINDOW_MS } from '../../../src/domain/waits/estimated-wait.ts';
import { offeredWait } from '../../../src/domain/waits/offered-wait.ts';

const NOW = 10_000_000;
const left = (at: number, agents?: number): Departure => ({ at, agents });
/** `count` that left every `seconds`, the last one now. */
const every = (seconds: number, count: number, agents?: number): readonly Departure[] =>
  Array.from({ length: count }, (_, n) => left(NOW - (count - 1 - n) * seconds * 1000, agents));
const facts = (pending: number, departures: readonly Departure[], agents?: number) => ({ pending, departures, agents });

describe('the mean gap', () => {
  it('is unknown until two have left, and is of the last 32', () => {
    expect([meanGapSeconds([]), meanGapSeconds([left(0)])]).toEqual([undefined, undefined]);
    expect(meanGapSeconds([left(0), left(10_000)])).toBe(10);
    // 31 gaps of 2 s after one of 900 s, which is that of the 33rd from the end
    expect(meanGapSeconds([left(NOW - 962_000), ...every(2, 32)])).toBe(2);
    expect(meanGapSeconds([left(NOW - 960_000), ...every(2, 31)])).toBe((30 * 2 + 900) / 31);
  });
});

describe('the wait of mode1', () => {
  it('is the mean gap for each who waits, whoever is logged in', () => {
    for (const agents of [undefined, 0, 7]) expect(estimateWait('mode1', facts(3, every(20, 5), agents), NOW)).toEqual({ seconds: 60 });
    expect(estimateWait('mode1', facts(0, every(20, 5)), NOW)).toEqual({ seconds: 0 });
  });
  it('is unknown until two have left the queue', () => {
    expect(estimateWait('mode1', facts(3, every(20, 1)), NOW)).toEqual({ unknown: 'NO_INTERACTIONS' });
  });
});

describe('the wait of mode2', () => {
  it('is longer by as much as fewer agents are logged in now than while the last ones left, and shorter likewise', () => {
    const wait = (then: number, now: number) => estimateWait('mode2', facts(3, every(20, 5, then), now), NOW);
    expect([wait(4, 4), wait(4, 2), wait(4, 8)]).toEqual([{ seconds: 60 }, { seconds: 120 }, { seconds: 30 }]);
  });
  it('takes the mean of those times of the last 32 at which the agents are known, and is that of mode1 where none is', () => {
    const departures = [left(NOW - 40_000, 2), left(NOW - 20_000), left(NOW, 6)];
    expect(estimateWait('mode2', facts(1, departures, 2), NOW)).toEqual({ seconds: 40 });
    expect(estimateWait('mode2', facts(1, [...every(20, 32, 9), ...every(20, 32)], 2), NOW)).toEqual({ seconds: 20 });
  });
  it('is unknown while nobody is logged in, or nobody says so, before it is for want of interactions', () => {
    for (const agents of [undefined, 0])
      for (const departures of [[], every(20, 5)])
        expect(estimateWait('mode2', facts(1, departures, agents), NOW)).toEqual({ unknown: 'NOBODY_LOGGED_IN' });
    expect(estimateWait('mode2', facts(1, [], 1), NOW)).toEqual({ unknown: 'NO_INTERACTIONS' });
  });
});

describe('the wait of mode3', () => {
  it('is what the queue was left at in the last 15 minutes takes for those who wait, however long ago the last one was', () => {
    // 3 in 900 s: 300 s each
    const departures = [left(NOW - WINDOW_MS), left(NOW - 800_000), left(NOW - 700_000), left(NOW - 690_000)];
    expect(estimateWait('mode3', facts(2, departures), NOW)).toEqual({ seconds: 600 });
    expect(estimateWait('mode3', facts(2, departures), NOW + 150_000)).toEqual({ seconds: 900 });
    expect(estimateWait('mode3', facts(2, departures), NOW + 300_000)).toEqual({ unknown: 'NO_INTERACTIONS' });
  });
  it('of a queue so busy that those kept don’t fill the window is taken over their time', () => {
    expect(estimateWait('mode3', facts(10, every(1, KEPT_DEPARTURES)), NOW)).toEqual({ seconds: 10 });
  });
});

describe('a wait', () => {
  const departures = fc
    .array(fc.record({ at: fc.integer({ min: 0, max: NOW }), agents: fc.option(fc.nat(50), { nil: undefined }) }), { maxLength: 60 })
    .map((all) => all.sort((a, b) => a.at - b.at));
  it('is never negative, grows with those who wait, and is a whole number of seconds', () => {
    fc.assert(
      fc.property(departures, fc.nat(1_000), fc.nat(40), fc.constantFrom('mode1', 'mode2', 'mode3'), (left, pending, agents, mode) => {
        const [less, more] = [pending, pending + 1].map((count) => estimateWait(mode, facts(count, left, agents), NOW));
        if (less === undefined || more === undefined || !('seconds' in less) || !('seconds' in more)) {
          expect(less).toEqual(more);
          return;
        }
        expect(less.seconds).toBeGreaterThanOrEqual(0);
        expect(more.seconds).toBeGreaterThanOrEqual(less.seconds);
        expect(Number.isSafeInteger(more.seconds)).toBe(true);
      }),
    );
  });
  it('that offers are made by leaves out who is logged in where the queue doesn’t check it', () => {
    const nobody = facts(3, every(20, 5, 4), 0);
    expect(offeredWait(nobody, true, NOW)).toEqual({ unknown: 'NOBODY_LOGGED_IN' });
    expect(offeredWait(nobody, false, NOW)).toEqual({ seconds: 60 });
    for (const check of [true, false]) expect(offeredWait(facts(3, every(20, 5, 4), 2), check, NOW)).toEqual({ seconds: 120 });
  });
});
