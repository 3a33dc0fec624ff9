import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BusinessHours } from '../../../src/domain/configuration/events.ts';
import { isWithinImmediateOffer, type Office, offerHoursOpenForSeconds, openForSeconds } from '../../../src/domain/offers/office.ts';
import { calendarOf } from '../../../src/domain/time/calendar.ts';
import { isOpenAt } from '../../../src/domain/time/opening.ts';

const hours = (zone: string, weekly: BusinessHours['weekly'], some: Partial<BusinessHours> = {}): BusinessHours => ({
  ...{ zone, weekly, exceptions: [], holidays: [] },
  ...some,
});
const office = (some: Partial<Office> = {}): Office => ({ hours: undefined, offerHours: undefined, blackoutMinutes: 60, ...some });
const at = Date.parse;
const nine: BusinessHours['weekly'] = { mon: [['09:00', '17:00']] };

describe('how long the office stays open', () => {
  it('is until it closes, at a break too, and 0 while it is closed', () => {
    const split = office({
      hours: hours('UTC', {
        mon: [
          ['09:00', '12:00'],
          ['13:00', '17:30'],
        ],
      }),
    });
    const on = (time: string) => openForSeconds(split, at(`2026-03-02T${time}Z`)); // a Monday
    expect([on('08:59:59'), on('09:00'), on('11:59:59'), on('12:00'), on('13:00'), on('17:30')]).toEqual([0, 10_800, 1, 0, 16_200, 0]);
  });
  it('is a whole second as long as it is open at all', () => {
    expect(openForSeconds(office({ hours: hours('UTC', nine) }), at('2026-03-02T16:59:59.999Z'))).toBe(1);
  });
  it('has no end where it is open 24 h, or the queue has no hours', () => {
    const day = 'all-day' as const;
    const always = hours('UTC', { mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: day });
    expect(openForSeconds(office({ hours: always }), 0)).toBeNull();
    expect(openForSeconds(office(), 0)).toBeNull();
  });
  it('counts the seconds that pass, not those that the clock on the wall shows', () => {
    // Paris, night of 29 March 2026: 02:00 becomes 03:00, so 01:30 to 04:00 is an hour and a half. 01:30 there is 00:30 UTC.
    const night = office({ hours: hours('Europe/Paris', { sun: [['01:00', '04:00']] }) });
    expect(openForSeconds(night, at('2026-03-29T00:30Z'))).toBe(1.5 * 3600);
    // 25 October 2026: 03:00 becomes 02:00 again, so from the first 02:30 (00:30 UTC) to 04:00 (03:00 UTC) is two hours and a half.
    expect(openForSeconds(night, at('2026-10-25T00:30Z'))).toBe(2.5 * 3600);
    // Lord Howe moves its clocks by half an hour: on 5 April 2026 02:00 becomes 01:30, at 15:00 UTC the day before. From the first 01:30
    // (14:30 UTC) to 03:00 (16:30 UTC, at +10:30) is two hours.
    const island = office({ hours: hours('Australia/Lord_Howe', { sun: [['01:00', '03:00']] }) });
    expect(openForSeconds(island, at('2026-04-04T14:30Z'))).toBe(2 * 3600);
  });
});

describe('how long the offer hours’ business day lasts', () => {
  it('is to the last closing of the day, breaks or not; 0 outside of the hours, and not set without them', () => {
    const split = office({
      offerHours: hours('UTC', {
        mon: [
          ['09:00', '12:00'],
          ['13:00', '17:30'],
        ],
      }),
    });
    const on = (time: string) => offerHoursOpenForSeconds(split, at(`2026-03-02T${time}Z`));
    expect([on('09:00'), on('11:59'), on('12:30'), on('13:00'), on('17:30')]).toEqual([8.5 * 3600, 19_860, 0, 16_200, 0]);
    expect(offerHoursOpenForSeconds(office(), 0)).toBe('NOT_SET');
  });
  it('reaches past midnight where the hours do, for they belong to the day that they began on', () => {
    const late = office({
      offerHours: hours('UTC', {
        fri: [
          ['09:00', '12:00'],
          ['22:00', '02:00'],
        ],
      }),
    });
    expect(offerHoursOpenForSeconds(late, at('2026-03-06T10:00Z'))).toBe(16 * 3600);
    expect(offerHoursOpenForSeconds(late, at('2026-03-07T01:00Z'))).toBe(3600);
    expect(offerHoursOpenForSeconds(late, at('2026-03-07T02:00Z'))).toBe(0);
  });
  it('is none of the office’s', () => {
    const both = office({ hours: hours('UTC', nine), offerHours: hours('UTC', { mon: [['10:00', '11:00']] }) });
    expect([openForSeconds(both, at('2026-03-02T10:00Z')), offerHoursOpenForSeconds(both, at('2026-03-02T10:00Z'))]).toEqual([
      25_200, 3_600,
    ]);
  });
});

describe('an immediate callback is within the time of offers', () => {
  const nineToFive = office({ hours: hours('UTC', nine) });
  const within = (one: Office, time: string, wait: number | null) => isWithinImmediateOffer(one, at(`2026-03-02T${time}Z`), wait);

  it('while now and the wait come before closing less the blackout', () => {
    expect([within(nineToFive, '09:00', 0), within(nineToFive, '15:59:59', 0), within(nineToFive, '16:00', 0)]).toEqual([
      true,
      true,
      false,
    ]);
    expect([within(nineToFive, '15:00', 3_599), within(nineToFive, '15:00', 3_600)]).toEqual([true, false]);
    expect([within(nineToFive, '08:59', 60), within(nineToFive, '17:00', 0)]).toEqual([false, false]);
  });
  it('by the offer hours alone where the queue has some, without a blackout', () => {
    const offers = office({ hours: hours('UTC', nine), offerHours: hours('UTC', { mon: [['08:00', '17:30']] }) });
    expect([within(offers, '08:00', 0), within(offers, '17:29', 59), within(offers, '17:29', 60)]).toEqual([true, true, false]);
    expect([within(offers, '07:59', 0), within(offers, '17:30', 0)]).toEqual([false, false]);
  });
  it('not where it would be made in a break', () => {
    const split = office({
      blackoutMinutes: 0,
      offerHours: hours('UTC', {
        mon: [
          ['09:00', '12:00'],
          ['13:00', '17:30'],
        ],
      }),
    });
    expect([within(split, '11:00', 3_599), within(split, '11:00', 3_600), within(split, '12:30', 0)]).toEqual([true, false, false]);
  });
  it('however long the wait, where the office never closes', () => {
    expect(within(office(), '10:00', 1_000_000)).toBe(true);
  });
  it('as if there was no wait, while that is unknown', () => {
    expect([within(nineToFive, '15:59', null), within(nineToFive, '16:00', null)]).toEqual([true, false]);
  });
});

describe('of any office, at any time', () => {
  const minute = fc.integer({ min: 0, max: 24 * 60 - 1 });
  const text = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  const day = fc.tuple(minute, minute).map(([from, to]): [string, string][] => (from === to ? [] : [[text(from), text(to)]]));
  const anyHours = fc
    .tuple(
      fc.constantFrom('UTC', 'Europe/Paris', 'America/Santiago', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Africa/Cairo'),
      day,
      day,
      day,
    )
    .map(([zone, mon, wed, sun]) => hours(zone, { mon, wed, sun }));
  const instant = fc.integer({ min: at('2024-01-01T00:00Z'), max: at('2030-01-01T00:00Z') });

  it('it is open to the very second that it is said to be, and closed then', () => {
    fc.assert(
      fc.property(anyHours, instant, (one, now) => {
        const seconds = openForSeconds(office({ hours: one }), now) ?? 0;
        const calendar = calendarOf(one);
        expect(seconds > 0).toBe(isOpenAt(calendar, now));
        if (seconds === 0) return;
        for (const share of [0.1, 0.5, 0.9]) expect(isOpenAt(calendar, now + Math.floor((seconds - 1) * share) * 1000)).toBe(true);
        expect(isOpenAt(calendar, now + seconds * 1000)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
  it('an offer is made exactly as long as the wait ends before the end, and a longer blackout or wait never makes one', () => {
    fc.assert(
      fc.property(anyHours, instant, fc.nat(20_000), fc.nat(300), (one, now, wait, blackoutMinutes) => {
        const made = isWithinImmediateOffer(office({ hours: one, blackoutMinutes }), now, wait);
        const left = openForSeconds(office({ hours: one }), now) ?? 0;
        if (made) expect(left).toBeGreaterThan(wait + blackoutMinutes * 60 - 1);
        else {
          expect(left).toBeLessThanOrEqual(wait + blackoutMinutes * 60 + 1);
          expect(isWithinImmediateOffer(office({ hours: one, blackoutMinutes: blackoutMinutes + 1 }), now, wait)).toBe(false);
          expect(isWithinImmediateOffer(office({ hours: one, blackoutMinutes }), now, wait + 1)).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });
  it('the offer hours’ business day lasts at least as long as they stay open', () => {
    fc.assert(
      fc.property(anyHours, instant, (one, now) => {
        const lasts = offerHoursOpenForSeconds(office({ offerHours: one }), now);
        expect(lasts).toBeGreaterThanOrEqual(openForSeconds(office({ hours: one }), now) ?? 0);
        expect(lasts === 0).toBe(!isOpenAt(calendarOf(one), now));
      }),
      { numRuns: 300 },
    );
  });
});
