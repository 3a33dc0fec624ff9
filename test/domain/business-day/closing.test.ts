import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Closing, closingAfter, lastClosing } from '../../../src/domain/business-day/closing.ts';
import { type BusinessHours, weekdays } from '../../../src/domain/configuration/events.ts';
import { calendarOf } from '../../../src/domain/time/calendar.ts';
import { isOpenAt } from '../../../src/domain/time/opening.ts';
import { at, everyDay } from '../time/hours.ts';

const hours = (zone: string, weekly: BusinessHours['weekly'], some: Partial<BusinessHours> = {}): BusinessHours => ({
  ...{ zone, weekly, exceptions: [], holidays: [] },
  ...some,
});
const shown = (closing: Closing | undefined): string | undefined =>
  closing && `${closing.day} ${new Date(closing.closedAt).toISOString().slice(0, 16)}Z`;
/** The ends of business days in a span. */
const ends = (of: BusinessHours, from: string, to: string): string[] => {
  const found: string[] = [];
  for (let closing = closingAfter(of, at(from)); closing && closing.closedAt <= at(to); closing = closingAfter(of, closing.closedAt))
    found.push(shown(closing) ?? '');
  return found;
};

describe('a business day', () => {
  it('ends at its last closing, once however often the office closes that day', () =>
    expect(
      ends(
        hours('UTC', { mon: [['13:00', '17:30'], ['09:00', '12:00']], tue: [['09:00', '12:00']] }), // biome-ignore format: one line
        '2026-03-02T00:00Z',
        '2026-03-09T00:00Z',
      ),
    ).toEqual(['2026-03-02 2026-03-02T17:30Z', '2026-03-03 2026-03-03T12:00Z']));

  it('that goes on past midnight belongs to the date it began on', () =>
    expect(ends(hours('Europe/Paris', { fri: [['22:00', '02:00']] }), '2026-03-02T00:00Z', '2026-03-16T00:00Z')).toEqual([
      '2026-03-06 2026-03-07T01:00Z',
      '2026-03-13 2026-03-14T01:00Z',
    ]));

  it('does not end at a midnight that the office stays open over', () => {
    const written = everyDay([['00:00', '05:00'], ['09:00', '00:00']]); // biome-ignore format: one line
    expect(ends(hours('UTC', written), '2026-03-02T06:00Z', '2026-03-04T06:00Z')).toEqual([
      '2026-03-02 2026-03-03T05:00Z',
      '2026-03-03 2026-03-04T05:00Z',
    ]);
    const week = Object.fromEntries(weekdays.slice(0, 5).map((day) => [day, 'all-day' as const]));
    expect(ends(hours('UTC', week), '2026-03-02T06:00Z', '2026-03-16T06:00Z')).toEqual([
      '2026-03-06 2026-03-07T00:00Z',
      '2026-03-13 2026-03-14T00:00Z',
    ]);
  });

  it('has no end where the office is open 24 h, nor where it is always closed', () => {
    expect(closingAfter(hours('UTC', everyDay('all-day')), at('2026-03-02T06:00Z'))).toBeUndefined();
    expect(closingAfter(hours('UTC', {}), at('2026-03-02T06:00Z'))).toBeUndefined();
    expect(lastClosing(hours('UTC', everyDay('all-day')), 0, at('2026-03-02T06:00Z'))).toBeUndefined();
  });

  it('ends by the exceptions and holidays of its date', () => {
    const some = {
      exceptions: [{ date: '2026-12-24', intervals: [['09:00', '12:00']] as [string, string][] }],
      holidays: [{ country: 'FR' }],
    };
    expect(ends(hours('Europe/Paris', everyDay([['09:00', '17:00']]), some), '2026-12-23T00:00Z', '2026-12-27T00:00Z')).toEqual([
      '2026-12-23 2026-12-23T16:00Z',
      '2026-12-24 2026-12-24T11:00Z',
      '2026-12-26 2026-12-26T16:00Z',
    ]);
  });

  it('ends by what the clocks show where they are moved', () =>
    expect(ends(hours('America/New_York', everyDay([['09:00', '17:00']])), '2026-03-07T00:00Z', '2026-03-09T00:00Z')).toEqual([
      '2026-03-07 2026-03-07T22:00Z',
      '2026-03-08 2026-03-08T21:00Z',
    ]));
});

const interval = fc.tuple(fc.integer({ min: 0, max: 95 }), fc.integer({ min: 0, max: 95 })).filter(([a, b]) => a !== b);
const time = (quarter: number): string =>
  `${String(Math.floor(quarter / 4)).padStart(2, '0')}:${String((quarter % 4) * 15).padStart(2, '0')}`;
const anyDay = fc.oneof(
  { weight: 1, arbitrary: fc.constant('all-day' as const) },
  { weight: 6, arbitrary: fc.array(interval, { maxLength: 3 }).map((all) => all.map(([a, b]): [string, string] => [time(a), time(b)])) },
);
const anyHours = fc
  .record({
    zone: fc.constantFrom('UTC', 'Europe/Paris', 'America/New_York', 'Australia/Lord_Howe', 'America/Santiago', 'Asia/Kathmandu'),
    days: fc.array(anyDay, { minLength: 7, maxLength: 7 }),
  })
  .map(({ zone, days }) => hours(zone, Object.fromEntries(weekdays.map((day, n) => [day, days[n]]))));
const anyInstant = fc.integer({ min: at('2026-01-01T00:00Z'), max: at('2026-12-31T00:00Z') });

describe('ends of business days', () => {
  it('are instants at which the office closes, each after the one before, found from either side', () =>
    fc.assert(
      fc.property(anyHours, anyInstant, (of, from) => {
        const calendar = calendarOf(of);
        let after = from;
        for (let n = 0; n < 8; n++) {
          const closing = closingAfter(of, after);
          if (closing === undefined) return;
          expect(closing.closedAt).toBeGreaterThan(after);
          expect([isOpenAt(calendar, closing.closedAt - 1), isOpenAt(calendar, closing.closedAt)]).toEqual([true, false]);
          expect(lastClosing(of, after, closing.closedAt)).toEqual(closing);
          expect(lastClosing(of, after, closing.closedAt - 1)).toBeUndefined();
          after = closing.closedAt;
        }
      }),
      { numRuns: 300 },
    ));

  it('leave out no date on which the office closes for the rest of it, and the next', () =>
    fc.assert(
      fc.property(anyHours, anyInstant, (of, instant) => {
        const calendar = calendarOf(of);
        if (isOpenAt(calendar, instant)) return;
        const quiet = Array.from({ length: 2 * 96 }, (_, n) => n).every((n) => !isOpenAt(calendar, instant + n * 900_000));
        const end = lastClosing(of, instant - 8 * 86_400_000, instant);
        if (!quiet || end === undefined) return;
        for (let moment = end.closedAt; moment < instant; moment += 900_000) expect(isOpenAt(calendar, moment)).toBe(false);
      }),
      { numRuns: 300 },
    ));
});
