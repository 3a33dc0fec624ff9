import { describe, expect, it } from 'vitest';
import { nextOpening, officeHours, openingAt } from '../../../src/domain/time/opening.ts';
import { openSlots, slotOf } from '../../../src/domain/time/slots.ts';
import { at, calendar, day, everyDay, shown, utc } from './hours.ts';

const lengths = (zone: string, minutes: number, from: string, to: string) =>
  openSlots(calendar(zone, everyDay('all-day')), minutes, at(from), at(to)).map(({ start, end }) => (end - start) / 60_000);

// Lord Howe is at +10:30, in summer at +11:00: its clocks move by half an hour. On 2026-04-05 at 02:00 (+11:00, which is 15:00Z on the 4th)
// they go back to 01:30; on 2026-10-04 at 02:00 (+10:30, 15:30Z on the 3rd) forward to 02:30.
describe('Lord Howe', () => {
  const hours = calendar('Australia/Lord_Howe', everyDay([['01:00', '03:30']]));
  it('has the half hour that is repeated twice', () =>
    expect(shown(hours, 15, '2026-04-04T13:00Z', '2026-04-04T16:00Z')).toEqual([
      ...['05 01:00 = 04 14:00Z', '05 01:15 = 04 14:15Z', '05 01:30 = 04 14:30Z', '05 01:45 = 04 14:45Z'],
      ...['05 01:30 = 04 15:00Z', '05 01:45 = 04 15:15Z', '05 02:00 = 04 15:30Z', '05 02:15 = 04 15:45Z'],
    ]));
  it('has no slot at times that do not exist', () =>
    expect(shown(hours, 15, '2026-10-03T15:00Z', '2026-10-03T16:00Z')).toEqual([
      ...['04 01:30 = 03 15:00Z', '04 01:45 = 03 15:15Z', '04 02:30 = 03 15:30Z', '04 02:45 = 03 15:45Z'],
    ]));
  it('aligns slots of an hour to full hours, so that the one before lasts until the next', () => {
    // Back: 01:00 is 14:00Z, and full hours come again with 02:00 at 15:30Z. Forward: 01:00 is 14:30Z, 02:00 doesn't exist, 03:00 is 16:00Z.
    expect(shown(hours, 60, '2026-04-04T13:00Z', '2026-04-04T17:00Z')).toEqual([
      ...['05 01:00 = 04 14:00Z', '05 02:00 = 04 15:30Z', '05 03:00 = 04 16:30Z'],
    ]);
    expect(shown(hours, 60, '2026-10-03T14:00Z', '2026-10-03T17:00Z')).toEqual(['04 01:00 = 03 14:30Z', '04 03:00 = 03 16:00Z']);
    expect(lengths('Australia/Lord_Howe', 60, '2026-04-04T13:00Z', '2026-04-04T16:00Z')).toEqual([60, 90, 60]);
    expect(lengths('Australia/Lord_Howe', 60, '2026-10-03T13:00Z', '2026-10-03T17:00Z')).toEqual([60, 90, 60]);
  });
});

// Samoa went over the date line: after Thursday, 2011-12-29 24:00 at −10:00 (2011-12-30T10:00Z) came Saturday, 2011-12-31 00:00 at +14:00.
describe('Apia in 2011', () => {
  it('has no Friday', () =>
    expect(shown(calendar('Pacific/Apia', everyDay([['09:00', '10:00']])), 60, '2011-12-29T10:00Z', '2012-01-01T10:00Z')).toEqual([
      ...['29 09:00 = 29 19:00Z', '31 09:00 = 30 19:00Z', '01 09:00 = 31 19:00Z'],
    ]));
  it('leaves out the hours of the Friday past midnight too, for they never began', () => {
    const hours = calendar('Pacific/Apia', { fri: [['22:00', '02:00']] });
    expect(shown(hours, 60, '2011-12-29T10:00Z', '2012-01-02T10:00Z')).toEqual([]);
    expect(officeHours(hours, day('2011-12-30'))).toEqual([]);
    expect(nextOpening(hours, at('2011-12-29T10:00Z'))).toBe(at('2012-01-06T08:00Z')); // 22:00 at +14:00
  });
  it('ends the Thursday’s hours at midnight, for 02:00 of the Friday never comes', () => {
    const hours = calendar('Pacific/Apia', { thu: [['22:00', '02:00']] });
    expect(shown(hours, 60, '2011-12-30T00:00Z', '2011-12-31T00:00Z')).toEqual(['29 22:00 = 30 08:00Z', '29 23:00 = 30 09:00Z']);
    expect(officeHours(hours, day('2011-12-29')).map(({ start, end }) => [utc(start), utc(end)])).toEqual([
      ['2011-12-30T08:00', '2011-12-30T10:00'],
    ]);
  });
});

// Nepal is at +05:45. Before 1986 it was at +05:30: on 1986-01-01 at 00:00 (18:30Z of the day before) its clocks went forward to 00:15.
describe('Kathmandu', () => {
  it('aligns to its own hours, which begin at a quarter past in UTC', () =>
    expect(shown(calendar('Asia/Kathmandu', everyDay([['09:50', '12:00']])), 60, '2026-03-02T00:00Z', '2026-03-03T00:00Z')).toEqual([
      ...['02 10:00 = 02 04:15Z', '02 11:00 = 02 05:15Z'],
    ]));
  it('had no midnight, and no slot at it, as 1986 began', () => {
    const hours = calendar('Asia/Kathmandu', everyDay('all-day'));
    expect(shown(hours, 15, '1985-12-31T18:00Z', '1985-12-31T19:00Z')).toEqual([
      ...['31 23:30 = 31 18:00Z', '31 23:45 = 31 18:15Z', '01 00:15 = 31 18:30Z', '01 00:30 = 31 18:45Z'],
    ]);
    expect(lengths('Asia/Kathmandu', 30, '1985-12-31T17:30Z', '1985-12-31T19:00Z')).toEqual([30, 45, 30]); // 23:00, 23:30, 00:30
  });
});

// Chile moves its clocks at midnight: on 2026-04-05 at 00:00 (−03:00, 03:00Z) back to Saturday 23:00, on 2026-09-06 at 00:00 (−04:00, 04:00Z)
// forward to 01:00.
describe('Santiago', () => {
  it('has the last hour of that Saturday twice, and both belong to it', () => {
    const hours = calendar('America/Santiago', { sat: [['23:00', '00:00']] });
    expect(shown(hours, 30, '2026-04-04T12:00Z', '2026-04-05T12:00Z')).toEqual([
      ...['04 23:00 = 05 02:00Z', '04 23:30 = 05 02:30Z', '04 23:00 = 05 03:00Z', '04 23:30 = 05 03:30Z'],
    ]);
    expect(officeHours(hours, day('2026-04-04')).map(({ start, end }) => [utc(start), utc(end)])).toEqual([
      ['2026-04-05T02:00', '2026-04-05T04:00'],
    ]);
  });
  it('opens at one on a Sunday that has no midnight', () => {
    const hours = calendar('America/Santiago', { sun: [['00:00', '02:00']] });
    expect(shown(hours, 60, '2026-09-05T12:00Z', '2026-09-06T12:00Z')).toEqual(['06 01:00 = 06 04:00Z']);
    expect(openingAt(hours, at('2026-09-06T03:59Z'))).toEqual({ open: false, until: at('2026-09-06T04:00Z') });
  });
});

// Egypt: on Friday 2026-04-24 at 00:00 (+02:00, 22:00Z of the 23rd) forward to 01:00; on Thursday 2026-10-29 at 24:00 (+03:00, 21:00Z) back to 23:00.
describe('Cairo', () => {
  it('has the hour before midnight twice, then goes on past it', () =>
    expect(shown(calendar('Africa/Cairo', { thu: [['23:00', '01:00']] }), 60, '2026-10-29T00:00Z', '2026-10-30T12:00Z')).toEqual([
      ...['29 23:00 = 29 20:00Z', '29 23:00 = 29 21:00Z', '30 00:00 = 29 22:00Z'],
    ]));
  it('closes at midnight when the hour that hours reach into does not exist', () => {
    const hours = calendar('Africa/Cairo', { thu: [['22:00', '00:30']] });
    expect(shown(hours, 60, '2026-04-23T12:00Z', '2026-04-24T12:00Z')).toEqual(['23 22:00 = 23 20:00Z', '23 23:00 = 23 21:00Z']);
    expect(openingAt(hours, at('2026-04-23T21:30Z'))).toEqual({ open: true, until: at('2026-04-23T22:00Z') });
  });
});

// Lebanon: on Sunday 2026-03-29 at 00:00 (+02:00, 22:00Z of the 28th) forward to 01:00; on Sunday 2026-10-25 at 00:00 (+03:00, 21:00Z of the
// 24th) back to Saturday 23:00.
describe('Beirut', () => {
  it('has a Sunday of 23 hours that begins at one', () => {
    const slots = shown(calendar('Asia/Beirut', { sun: 'all-day' }), 60, '2026-03-28T00:00Z', '2026-03-30T12:00Z');
    expect([slots.length, slots[0], slots.at(-1)]).toEqual([23, '29 01:00 = 28 22:00Z', '29 23:00 = 29 20:00Z']);
  });
  it('has a Saturday of 25 hours, and the Sunday after it begins once', () => {
    const saturday = shown(calendar('Asia/Beirut', { sat: 'all-day' }), 60, '2026-10-23T00:00Z', '2026-10-26T00:00Z');
    expect([saturday.length, ...saturday.slice(-2)]).toEqual([25, '24 23:00 = 24 20:00Z', '24 23:00 = 24 21:00Z']);
    expect(shown(calendar('Asia/Beirut', { sun: [['00:00', '01:00']] }), 30, '2026-10-24T00:00Z', '2026-10-26T00:00Z')).toEqual([
      ...['25 00:00 = 24 22:00Z', '25 00:30 = 24 22:30Z'],
    ]);
  });
});

// Until 2011 Newfoundland moved its clocks a minute after midnight: on 2010-11-07 at 00:01 (−02:30, 02:31Z) back to 23:01 of the Saturday.
it('St John’s saw a minute of the Sunday, an hour of the Saturday again, and the Sunday once more', () => {
  const hours = calendar('America/St_Johns', { sat: [['23:30', '00:00']], sun: [['00:00', '00:30']] });
  expect(shown(hours, 15, '2010-11-07T01:30Z', '2010-11-07T05:00Z')).toEqual([
    ...['06 23:30 = 07 02:00Z', '06 23:45 = 07 02:15Z', '07 00:00 = 07 02:30Z'],
    ...['06 23:30 = 07 03:00Z', '06 23:45 = 07 03:15Z', '07 00:00 = 07 03:30Z', '07 00:15 = 07 03:45Z'],
  ]);
  expect(openingAt(hours, at('2010-11-07T02:10Z'))).toEqual({ open: true, until: at('2010-11-07T02:31Z') });
  expect(openingAt(hours, at('2010-11-07T02:40Z'))).toEqual({ open: false, until: at('2010-11-07T03:00Z') });
});

// Of two hours a slot begins at even hours. Paris, 2026-10-25: 02:00 is at 00:00Z and, after 03:00 became 02:00 again, at 01:00Z.
it('a slot of two hours that begins twice ends the first time where it begins again', () => {
  const slots = openSlots(calendar('Europe/Paris', everyDay('all-day')), 120, at('2026-10-24T22:00Z'), at('2026-10-25T04:00Z'));
  expect(slots.map(({ start, end }) => [utc(start).slice(11), utc(end).slice(11)])).toEqual([
    ...[
      ['22:00', '00:00'],
      ['00:00', '01:00'],
      ['01:00', '03:00'],
      ['03:00', '05:00'],
    ],
  ]);
  expect(slotOf(at('2026-10-25T00:59Z'), 120, 'Europe/Paris')).toEqual(slots[1]);
});

describe('a leap day', () => {
  it('is a day as any other: 2028-02-29 is a Tuesday', () =>
    expect(shown(calendar('UTC', { tue: [['09:00', '10:00']] }), 60, '2028-02-28T00:00Z', '2028-03-02T00:00Z')).toEqual([
      '29 09:00 = 29 09:00Z',
    ]));
  it('can be an exception, and then the days around it are what they are', () => {
    const hours = calendar('UTC', everyDay([['09:00', '10:00']]), {
      exceptions: [{ date: '2028-02-29', intervals: [['12:00', '13:00']] }],
    });
    expect(shown(hours, 60, '2028-02-28T00:00Z', '2028-03-02T00:00Z')).toEqual([
      ...['28 09:00 = 28 09:00Z', '29 12:00 = 29 12:00Z', '01 09:00 = 01 09:00Z'],
    ]);
  });
  it('makes a year of 366 days', () => {
    const hours = calendar('UTC', everyDay([['09:00', '10:00']]));
    const count = (year: number) => openSlots(hours, 60, Date.UTC(year, 0), Date.UTC(year + 1, 0)).length;
    expect([2027, 2028, 2100, 2000].map(count)).toEqual([365, 366, 365, 366]);
  });
});

it('an office that opens at 07:50 has its first slot of a quarter at 08:00, and its last as long as it is open at the start (3.2)', () =>
  expect(shown(calendar('UTC', { mon: [['07:50', '08:31']] }), 15, '2026-03-02T00:00Z', '2026-03-03T00:00Z')).toEqual([
    ...['02 08:00 = 02 08:00Z', '02 08:15 = 02 08:15Z', '02 08:30 = 02 08:30Z'],
  ]));
