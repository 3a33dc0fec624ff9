import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nextShiftChange, onShift, type Shift, weekdays } from '../../../src/integrations/simulator/shifts.ts';

const at = (text: string) => Date.parse(text);
const office: Shift[] = [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '17:00' }];
const night: Shift[] = [{ days: ['fri'], from: '22:00', to: '06:00' }];

it('without shifts an agent works around the clock', () => {
  expect(onShift([], at('1999-03-01T03:00:00Z'), 'UTC')).toBe(true);
  expect(nextShiftChange([], at('1999-03-01T03:00:00Z'), 'UTC')).toBeUndefined();
});

it('a shift holds from its first minute until before its last', () => {
  expect(onShift(office, at('1999-03-01T07:59:59.999Z'), 'UTC')).toBe(false);
  expect(onShift(office, at('1999-03-01T08:00:00Z'), 'UTC')).toBe(true);
  expect(onShift(office, at('1999-03-01T16:59:59.999Z'), 'UTC')).toBe(true);
  expect(onShift(office, at('1999-03-01T17:00:00Z'), 'UTC')).toBe(false);
  expect(onShift(office, at('1999-03-06T12:00:00Z'), 'UTC')).toBe(false);
});

it('a shift across midnight belongs to the day it began', () => {
  expect(onShift(night, at('1999-03-05T23:00:00Z'), 'UTC')).toBe(true);
  expect(onShift(night, at('1999-03-06T05:59:00Z'), 'UTC')).toBe(true);
  expect(onShift(night, at('1999-03-06T06:00:00Z'), 'UTC')).toBe(false);
  expect(onShift(night, at('1999-03-05T05:00:00Z'), 'UTC')).toBe(false);
});

it('hours are those of the zone, also where the clocks change', () => {
  expect(onShift(office, at('1999-03-26T07:00:00Z'), 'Europe/Paris')).toBe(true);
  expect(onShift(office, at('1999-03-29T05:59:00Z'), 'Europe/Paris')).toBe(false);
  expect(onShift(office, at('1999-03-29T06:00:00Z'), 'Europe/Paris')).toBe(true);
});

it('the next change on a Friday evening is Monday morning', () =>
  expect(nextShiftChange(office, at('1999-03-05T17:00:00Z'), 'UTC')).toBe(at('1999-03-08T08:00:00Z')));

it('between one change and the next, nothing changes', () => {
  const time = fc
    .integer({ min: 0, max: 1439 })
    .map((m) => `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`);
  const shift = fc.record({ days: fc.subarray([...weekdays], { minLength: 1 }), from: time, to: time });
  const zone = fc.constantFrom('UTC', 'Europe/Paris', 'Australia/Lord_Howe', 'Asia/Kathmandu');
  fc.assert(
    fc.property(
      fc.array(shift, { minLength: 1, maxLength: 3 }),
      zone,
      fc.integer({ min: 0, max: 365 * 1440 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (shifts, z, minute, part) => {
        const now = at('1999-01-01T00:00:00Z') + minute * 60_000;
        const change = nextShiftChange(shifts, now, z);
        expect(change).toBeGreaterThan(now);
        const between = Math.floor(now + ((change ?? now) - 1 - now) * part);
        expect(onShift(shifts, between, z)).toBe(onShift(shifts, now, z));
      },
    ),
    { numRuns: 200 },
  );
});

it.each([[{ from: '8:00', to: '17:00' }], [{ from: '08:60', to: '17:00' }], [{ from: '08:00', to: '24:01' }]])(
  'refuses a malformed shift: %j',
  (shift) => {
    expect(() => onShift([shift], 0, 'UTC')).toThrow('HH:mm');
  },
);

it('refuses an unknown zone', () => expect(() => onShift(office, 0, 'Mars/Olympus')).toThrow('Mars/Olympus'));
