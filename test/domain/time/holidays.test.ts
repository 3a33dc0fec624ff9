import { describe, expect, it } from 'vitest';
import { daysOffOfAll, isHolidayCountry, isHolidayRegion } from '../../../src/domain/time/holidays.ts';
import { openingAt } from '../../../src/domain/time/opening.ts';
import { openSlots } from '../../../src/domain/time/slots.ts';
import { at, calendar, day, everyDay, shown } from './hours.ts';

const off = (date: string, country: string, region?: string) => daysOffOfAll([{ country, region }])(day(date));

describe('public holidays', () => {
  it('are off by country and by region, and inside a region', () => {
    expect(off('2026-05-01', 'DE')).toBe(0);
    expect([off('2026-01-06', 'DE'), off('2026-01-06', 'DE', 'BY'), off('2026-01-06', 'DE', 'HH')]).toEqual([undefined, 0, undefined]);
    expect([off('2026-08-08', 'DE', 'BY'), off('2026-08-08', 'DE', 'BY-A')]).toEqual([undefined, 0]); // Augsburg's Friedensfest
  });
  it('are those that are days off, not others that the library lists', () => {
    expect(off('2026-02-14', 'DE')).toBeUndefined(); // Valentine's day, an observance
    expect(off('2026-12-24', 'DE')).toBeUndefined(); // Heiligabend, a bank holiday there
  });
  it('that last several days are off on each, by their own dates, also over New Year', () => {
    expect(['2026-03-19', '2026-03-20', '2026-03-21', '2026-03-22', '2026-03-23'].map((date) => off(date, 'TR'))).toEqual([
      ...[undefined, 0, 0, 0, undefined], // Ramazan Bayramı 2026
    ]);
    expect(['2026-12-31', '2027-01-01', '2027-01-02'].map((date) => off(date, 'SZ'))).toEqual([0, 0, 0]); // Incwala, six days from 12-28
  });
  it('of a lunar calendar, which begin on the eve, are off on their day: Yom Kippur 2026 is Monday, September 21', () =>
    expect([off('2026-09-20', 'IL'), off('2026-09-21', 'IL')]).toEqual([undefined, 0]));
  it('of half a day close the office from then on: Iceland’s Christmas Eve from 13:00', () => {
    const hours = calendar(
      'Atlantic/Reykjavik',
      everyDay([
        ['09:00', '12:00'],
        ['12:30', '17:00'],
      ]),
      { holidays: [{ country: 'IS' }] },
    );
    expect(shown(hours, 60, '2026-12-24T00:00Z', '2026-12-26T00:00Z')).toEqual([
      ...['24 09:00 = 24 09:00Z', '24 10:00 = 24 10:00Z', '24 11:00 = 24 11:00Z'],
    ]);
    expect(openingAt(hours, at('2026-12-24T12:45Z'))).toEqual({ open: true, until: at('2026-12-24T13:00Z') });
  });
  it('give way to an exception, and take what reaches past midnight from the day on which it begins', () => {
    const exceptions = [{ date: '2026-05-01', intervals: [['10:00', '11:00']] as [string, string][] }];
    const hours = calendar('UTC', everyDay([['22:00', '01:00']]), { holidays: [{ country: 'DE' }], exceptions });
    // May 1 has the exception's hour, and the end of April 30; May 14 (Ascension) begins none, and ends those of the 13th.
    expect(shown(hours, 60, '2026-04-30T12:00Z', '2026-05-01T23:59Z')).toEqual([
      ...['30 22:00 = 30 22:00Z', '30 23:00 = 30 23:00Z', '01 00:00 = 01 00:00Z', '01 10:00 = 01 10:00Z'],
    ]);
    expect(shown(hours, 60, '2026-05-14T00:00Z', '2026-05-15T12:00Z')).toEqual(['14 00:00 = 14 00:00Z']);
  });
  it('take their days from the year’s count: Bavaria 2026 has 12, of which 9 fall on Monday to Friday', () => {
    const office = { mon: 'all-day', tue: 'all-day', wed: 'all-day', thu: 'all-day', fri: 'all-day' } as const;
    const count = (hours: ReturnType<typeof calendar>) =>
      openSlots(hours, 60, at('2026-01-01T00:00Z'), at('2027-01-01T00:00Z')).length / 24;
    expect([count(calendar('UTC', office)), count(calendar('UTC', office, { holidays: [{ country: 'DE', region: 'BY' }] }))]).toEqual([
      ...[261, 261 - 9], // New Year, Epiphany, Good Friday, Easter Monday, May 1, Ascension, Whit Monday, Corpus Christi, December 25
    ]);
  });
  it('are known by the library’s codes only', () => {
    expect(['FR', 'fr', 'XX', '', '__proto__'].map(isHolidayCountry)).toEqual([true, false, false, false, false]);
    const regions = ['BY', 'BY-A', 'by', 'BY-Z', 'ZZ', '', 'BY-', 'constructor'];
    expect(regions.map((region) => isHolidayRegion('DE', region))).toEqual([true, true, ...regions.slice(2).map(() => false)]);
    expect(isHolidayRegion('NP', 'BY')).toBe(false);
    expect(off('2026-05-01', 'XX')).toBeUndefined();
    expect(off('2026-05-01', 'DE', 'ZZ')).toBeUndefined();
  });
});
