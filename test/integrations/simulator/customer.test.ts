import fc from 'fast-check';
import { expect, it } from 'vitest';
import { defaultBehaviour } from '../../../src/integrations/simulator/behaviour.ts';
import { reactionOf } from '../../../src/integrations/simulator/customer.ts';

const number = fc.integer({ min: 2_000_000_000, max: 9_999_999_999 }).map((n) => `+1${n}`);
const attempt = fc.integer({ min: 1, max: 9 });
const seed = fc.integer();
const numbers = Array.from({ length: 4_000 }, (_, i) => `+1212${5_552_000 + i}`);

it('a customer does the same for the same seed, number and attempt', () =>
  fc.assert(
    fc.property(seed, number, attempt, (s, n, a) => {
      expect(reactionOf(defaultBehaviour, s, n, a)).toEqual(reactionOf(structuredClone(defaultBehaviour), s, n, a));
    }),
  ));

it('numbers 555-0100 to 555-0199 answer at the first attempt, however they are written', () =>
  fc.assert(
    fc.property(seed, attempt, fc.integer({ min: 0, max: 99 }), (s, a, n) => {
      const line = String(n).padStart(2, '0');
      for (const written of [`+121255501${line}`, `+1 (212) 555-01${line}`, `55501${line}`])
        expect(reactionOf(defaultBehaviour, s, written, a).outcome).toBe('ANSWERED');
    }),
  ));

it('durations are positive and within what is set', () =>
  fc.assert(
    fc.property(seed, number, attempt, (s, n, a) => {
      const { outcome, ringMs, patienceMs, handlingMs, wrapUpMs } = reactionOf(defaultBehaviour, s, n, a);
      const [least, most] = defaultBehaviour.ringMs[outcome];
      expect(ringMs).toBeGreaterThanOrEqual(least);
      expect(ringMs).toBeLessThanOrEqual(most);
      expect(patienceMs).toBeGreaterThanOrEqual(defaultBehaviour.patienceMs[0]);
      expect(patienceMs).toBeLessThanOrEqual(defaultBehaviour.patienceMs[1]);
      for (const ms of [handlingMs, wrapUpMs]) {
        expect(ms).toBeGreaterThanOrEqual(1_000);
        expect(ms).toBeLessThanOrEqual(7_200_000);
      }
    }),
  ));

it.each([1, 2, 5])('over many customers, attempt %i comes out as the answer rates say', (a) => {
  const reactions = numbers.map((n) => reactionOf(defaultBehaviour, 1, n, a));
  for (const [outcome, rate] of Object.entries(defaultBehaviour.answerRates)) {
    const share = reactions.filter((r) => r.outcome === outcome).length / numbers.length;
    expect(Math.abs(share - rate)).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / numbers.length));
  }
});

it('an invalid number stays invalid, and a fax a fax', () => {
  const lasting = numbers.filter((n) => ['INVALID_NUMBER', 'FAX'].includes(reactionOf(defaultBehaviour, 1, n, 1).outcome));
  expect(lasting.length).toBeGreaterThan(10);
  for (const n of lasting)
    for (const a of [2, 3, 7]) expect(reactionOf(defaultBehaviour, 1, n, a).outcome).toBe(reactionOf(defaultBehaviour, 1, n, 1).outcome);
});

it('handling times have the median and spread that are set', () => {
  const times = numbers.map((n) => reactionOf(defaultBehaviour, 1, n, 1).handlingMs).sort((x, y) => x - y);
  const quantile = (q: number) => times[Math.floor(q * times.length)] ?? 0;
  expect(quantile(0.5) / 150_000).toBeCloseTo(1, 1);
  expect(Math.log(quantile(0.841) / quantile(0.5))).toBeCloseTo(0.6, 1);
});

it('a rate of zero never happens', () => {
  const never = { ...defaultBehaviour, answerRates: { ...defaultBehaviour.answerRates, ANSWERED: 0, INVALID_NUMBER: 0 } };
  const outcomes = new Set(numbers.map((n) => reactionOf(never, 1, n, 1).outcome));
  expect(outcomes).not.toContain('ANSWERED');
  expect(outcomes).not.toContain('INVALID_NUMBER');
  expect(outcomes).toContain('BUSY');
});
