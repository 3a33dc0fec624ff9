import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { expect, it } from 'vitest';
import { otherNumber, otherNumbers, reservedNumber, reservedNumbers } from '../../src/demo/phone-numbers.ts';
import { planBookings } from '../../src/demo/plan.ts';
import { answersAtFirst } from '../../src/integrations/simulator/customer.ts';

const day = '1999-03-01';
const midnight = Date.parse('1999-03-01T00:00:00Z');
const arrivals = Array.from({ length: 2_000 }, (_, i) => midnight + i * 43_000);
const plan = (changes: Partial<Parameters<typeof planBookings>[1]> = {}) =>
  planBookings(arrivals, { day, seed: 1, share: 0.3, scheduled: 0.2, ...changes });

it.each([
  ['reserved', reservedNumber, reservedNumbers, true],
  ['other', otherNumber, otherNumbers, false],
] as const)('%s numbers are valid, in the United States, and answer at the first attempt only if reserved', (_, numberAt, size, reserved) =>
  fc.assert(
    fc.property(fc.nat(size - 1), fc.nat(), (n, seed) => {
      const number = parsePhoneNumberFromString(numberAt(n, seed));
      expect(number?.isValid()).toBe(true);
      expect(number?.country).toBe('US');
      expect(answersAtFirst(numberAt(n, seed))).toBe(reserved);
    }),
  ),
);

it('no number comes twice before all of its kind have come', () => {
  expect(new Set(Array.from({ length: reservedNumbers }, (_, n) => reservedNumber(n, 3))).size).toBe(reservedNumbers);
  expect(new Set(Array.from({ length: otherNumbers }, (_, n) => otherNumber(n, 3))).size).toBe(otherNumbers);
});

it('the plan is the same for the same arguments, and another for another seed', () => {
  expect(plan()).toEqual(plan());
  expect(plan({ seed: 2 })).not.toEqual(plan());
});

it('the share of calls becomes callbacks, in the order of arrival, under keys of their own', () => {
  const bookings = plan();
  expect(Math.abs(bookings.length - 0.3 * arrivals.length)).toBeLessThanOrEqual(1);
  const early = bookings.filter((b) => b.instant < midnight + 18 * 3_600_000);
  expect(Math.abs(early.filter((b) => b.desiredTime !== undefined).length - 0.2 * early.length)).toBeLessThanOrEqual(1);
  expect(new Set(bookings.map((b) => b.idempotencyKey)).size).toBe(bookings.length);
  expect(new Set(bookings.map((b) => b.phoneNumber)).size).toBe(bookings.length);
  expect(bookings.map((b) => b.instant)).toEqual(bookings.map((b) => b.instant).sort((a, b) => a - b));
  expect(plan({ share: 0 })).toEqual([]);
  expect(plan({ share: 1 }).map((b) => b.instant)).toEqual(arrivals);
});

it('time ahead is one to five hours, on a quarter of an hour, and never on the next day', () => {
  const bookings = plan({ share: 1, scheduled: 1 });
  const ahead = bookings.filter((b) => b.desiredTime !== undefined);
  expect(ahead.length).toBeGreaterThan(1_500);
  for (const { instant, desiredTime } of ahead) {
    const desired = Date.parse(desiredTime ?? '');
    expect(desired % 900_000).toBe(0);
    expect(desired - instant).toBeGreaterThanOrEqual(3_600_000);
    expect(desired - instant).toBeLessThan(5.25 * 3_600_000);
    expect(desired).toBeLessThan(midnight + 86_400_000);
  }
  expect(plan({ scheduled: 0 }).every((b) => b.desiredTime === undefined)).toBe(true);
});
