import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { type BusinessHours, weekdays } from '../../../src/domain/configuration/events.ts';
import { isOpenAt, nextOpening, officeHours, openingAt } from '../../../src/domain/time/opening.ts';
import { openSlots, slotFinder } from '../../../src/domain/time/slots.ts';
import { localDayOf, whenLocal, zoneOf } from '../../../src/domain/time/zone.ts';
import { calendar, day, everyDay } from './hours.ts';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const zones = [
  ...['UTC', 'Europe/Paris', 'Europe/London', 'America/New_York', 'America/St_Johns', 'America/Santiago', 'America/Sao_Paulo'],
  ...['America/Caracas', 'America/Havana', 'Africa/Cairo', 'Africa/Casablanca', 'Asia/Beirut', 'Asia/Tehran', 'Asia/Kathmandu'],
  ...['Asia/Kolkata', 'Asia/Pyongyang', 'Asia/Gaza', 'Australia/Lord_Howe', 'Australia/Adelaide', 'Pacific/Apia', 'Pacific/Chatham'],
  ...['Pacific/Kiritimati', 'Pacific/Kwajalein', 'Pacific/Marquesas', 'Pacific/Easter', 'Asia/Amman', 'Atlantic/Azores'],
];
const anyZone = fc.constantFrom(...zones);
const anyDuration = fc.constantFrom(5, 10, 15, 20, 30, 60, 120);

/** Moments of all decades, every other one close to where the zone's clocks are moved, if they are within a year. */
const anyMoment = (zone: string) =>
  fc
    .tuple(fc.integer({ min: day('1975-01-01'), max: day('2100-01-01') }), fc.integer({ min: 0, max: 287 }), fc.boolean())
    .map(([date, five, nearby]) => {
      const moment = date * DAY + five * 5 * MINUTE;
      const moved = zoneOf(zone)
        .stretches(moment, moment + 366 * DAY)
        .find(({ to, offset }) => zoneOf(zone).stretchAt(to).offset !== offset);
      return nearby && moved !== undefined ? Math.floor(moved.to / DAY) * DAY - DAY + five * 5 * MINUTE : moment;
    });

const time = (minutes: number): string => {
  const part = (value: number) => String(value).padStart(2, '0');
  return `${part(Math.floor(minutes / 60) % 24)}:${part(minutes % 60)}`;
};
/** Up to three intervals of a day, the last perhaps past midnight. */
const anyIntervals = fc
  .tuple(fc.uniqueArray(fc.integer({ min: 0, max: 143 }), { maxLength: 6 }), fc.integer({ min: 0, max: 24 }))
  .map(([marks, late]) => {
    const sorted = marks.toSorted((a, b) => a - b).map((ten) => ten * 10);
    const pairs: [string, string][] = [];
    for (let n = 0; n + 1 < sorted.length; n += 2) pairs.push([time(sorted[n] ?? 0), time(sorted[n + 1] ?? 0)]);
    const [last] = sorted.slice(-1);
    if (sorted.length % 2 === 1 && last !== undefined && late * 10 < last) pairs.push([time(last), time(late * 10)]);
    return pairs;
  });
const anyDay = fc.oneof({ arbitrary: anyIntervals, weight: 4 }, fc.constant('all-day' as const), fc.constant(undefined));
const anyWeek = fc
  .tuple(anyDay, anyDay, anyDay, anyDay, anyDay, anyDay, anyDay)
  .map((days): BusinessHours['weekly'] =>
    Object.fromEntries(weekdays.flatMap((name, n) => (days[n] === undefined ? [] : [[name, days[n]]]))),
  );

const dateOf = (days: number): string => new Date(days * DAY).toISOString().slice(0, 10);
const anyCase = anyZone.chain((zone) =>
  fc.record({
    zone: fc.constant(zone),
    weekly: anyWeek,
    moment: anyMoment(zone),
    exceptions: fc.uniqueArray(fc.tuple(fc.integer({ min: -2, max: 4 }), anyIntervals), { maxLength: 2, selector: ([days]) => days }),
    minutes: anyDuration,
  }),
);
type Case = typeof anyCase extends fc.Arbitrary<infer T> ? T : never;

const hoursOf = ({ zone, weekly, moment, exceptions }: Case): BusinessHours => {
  const dated = exceptions.map(([days, intervals]) => ({ date: dateOf(Math.floor(moment / DAY) + days), intervals }));
  return { zone, weekly, exceptions: dated, holidays: [] };
};

/** The plain way: what luxon's clocks show, against the hours as they are written. */
const oracleOf = ({ zone, weekly, exceptions }: BusinessHours, around: number) => {
  const dates = new Set<string>();
  for (let hour = -96; hour < 240; hour++) dates.add(DateTime.fromMillis(around + hour * 60 * MINUTE, { zone }).toISODate() ?? '');
  const written = (date: string) => {
    const dated = exceptions.find((exception) => exception.date === date);
    const name = weekdays[DateTime.fromISO(date).weekday - 1] ?? 'mon';
    return dated?.intervals ?? weekly[name] ?? [];
  };
  return (instant: number): boolean => {
    const local = DateTime.fromMillis(instant, { zone });
    const now = local.toFormat('HH:mm');
    const today = written(local.toISODate() ?? '');
    if (today === 'all-day' || today.some(([from, to]) => from <= now && (now < to || to < from))) return true;
    const yesterday = dateOf(day(local.toISODate() ?? '') - 1);
    const late = dates.has(yesterday) ? written(yesterday) : [];
    return late !== 'all-day' && late.some(([from, to]) => to < from && now < to);
  };
};
const instantsFrom = (moment: number, days: number) => Array.from({ length: days * 288 }, (_, n) => moment + n * 5 * MINUTE);
const build = (hours: BusinessHours) => calendar(hours.zone, hours.weekly, hours);

describe('in many zones and decades', () => {
  it('the slots are the aligned times at which it is open, each once, none overlapping, and local time leads back to them', () =>
    fc.assert(
      fc.property(anyCase, (one) => {
        const hours = hoursOf(one);
        const { moment, minutes, zone } = one;
        const isOpen = oracleOf(hours, moment);
        const isAligned = (instant: number) => {
          const { hour, minute } = DateTime.fromMillis(instant, { zone });
          return (hour * 60 + minute) % minutes === 0;
        };
        const expected = instantsFrom(moment, 3).filter((instant) => isAligned(instant) && isOpen(instant));
        const slots = openSlots(build(hours), minutes, moment, moment + 3 * DAY);
        expect(slots.map(({ start }) => start)).toEqual(expected);
        const slotAt = slotFinder(minutes, zone);
        for (const [index, slot] of slots.entries()) {
          expect(slot.end).toBeLessThanOrEqual(slots[index + 1]?.start ?? Number.POSITIVE_INFINITY);
          expect([slotAt(slot.start), slotAt(slot.end - 1)]).toEqual([slot, slot]);
          const local = DateTime.fromMillis(slot.start, { zone });
          expect(DateTime.fromISO(local.toISO() ?? '').toMillis()).toBe(slot.start);
          const shown = DateTime.fromISO(local.toISO({ includeOffset: false }) ?? '', { zone: 'utc' }).toMillis();
          expect(whenLocal(zoneOf(zone), shown, shown + 1).map(({ start }) => start)).toContain(slot.start);
        }
      }),
      { numRuns: 60 },
    ));

  it('it is open when its hours say so, and the hours of the dates are those times, none left out', () =>
    fc.assert(
      fc.property(anyCase, (one) => {
        const hours = hoursOf(one);
        const built = build(hours);
        const isOpen = oracleOf(hours, one.moment);
        const first = localDayOf(built.zone, one.moment);
        const periods = Array.from({ length: 8 }, (_, n) => officeHours(built, first - 2 + n)).flat();
        for (const instant of instantsFrom(one.moment, 2)) {
          const open = isOpen(instant);
          expect(isOpenAt(built, instant)).toBe(open);
          expect(periods.some(({ start, end }) => start <= instant && instant < end)).toBe(open);
        }
      }),
      { numRuns: 40 },
    ));

  it('it stays open or closed until the instant that is told, and then no more', () =>
    fc.assert(
      fc.property(anyCase, (one) => {
        const hours = hoursOf(one);
        const built = build(hours);
        const isOpen = oracleOf(hours, one.moment);
        const { open, until } = openingAt(built, one.moment);
        expect(open).toBe(isOpen(one.moment));
        const week = instantsFrom(one.moment, 7);
        expect(week.find((instant) => isOpen(instant) !== open)).toBe(
          until !== null && until < one.moment + 7 * DAY ? Math.ceil(until / (5 * MINUTE)) * 5 * MINUTE : undefined,
        );
        if (until !== null) expect([isOpenAt(built, until - 1), isOpenAt(built, until)]).toEqual([open, !open]);
        expect(nextOpening(built, one.moment)).toBe(open ? one.moment : until);
      }),
      { numRuns: 40 },
    ));

  it('slots lie side by side: each instant is in one', () =>
    fc.assert(
      fc.property(
        anyZone.chain((zone) => fc.tuple(fc.constant(zone), anyMoment(zone))),
        anyDuration,
        fc.integer({ min: 0, max: 3 * DAY }),
        ([zone, moment], minutes, later) => {
          const slotAt = slotFinder(minutes, zone);
          const instant = moment + later;
          const slot = slotAt(instant);
          expect(slot.start <= instant && instant < slot.end).toBe(true);
          expect([slotAt(slot.start), slotAt(slot.end - 1)]).toEqual([slot, slot]);
          expect([slotAt(slot.start - 1).end, slotAt(slot.end).start]).toEqual([slot.start, slot.end]);
        },
      ),
      { numRuns: 500 },
    ));

  it('a year has as many slots as its dates have by the week, by day when no clock is moved', () =>
    fc.assert(
      fc.property(
        anyZone,
        fc.integer({ min: 1975, max: 2099 }),
        fc.uniqueArray(fc.constantFrom(...weekdays)),
        anyDuration,
        (zone, year, open, minutes) => {
          const hours = calendar(zone, Object.fromEntries(open.map((name) => [name, [['06:00', '20:00']]])));
          let expected = 0;
          for (let date = DateTime.utc(year); date.year === year; date = date.plus({ days: 1 })) {
            const isThere = date.set({ hour: 12 }).setZone(zone, { keepLocalTime: true }).toISODate() === date.toISODate();
            if (isThere && open.includes(weekdays[date.weekday - 1] ?? 'mon')) expected += (14 * 60) / minutes;
          }
          const [from, to] = [year, year + 1].map((one) => DateTime.fromObject({ year: one }, { zone }).toMillis());
          expect(openSlots(hours, minutes, from ?? 0, to ?? 0)).toHaveLength(expected);
        },
      ),
      { numRuns: 40 },
    ));

  it('the clocks are those that luxon shows', () =>
    fc.assert(
      fc.property(
        anyZone.chain((zone) => fc.tuple(fc.constant(zone), anyMoment(zone))),
        fc.integer({ min: 0, max: 3 * DAY }),
        ([zone, moment], later) => {
          const { from, to, offset } = zoneOf(zone).stretchAt(moment + later);
          const shown = (instant: number) => DateTime.fromMillis(instant, { zone }).offset * MINUTE;
          expect(offset).toBe(shown(moment + later));
          if (zone !== 'UTC') expect([shown(from), shown(to - 1)]).toEqual([offset, offset]);
        },
      ),
      { numRuns: 1_000 },
    ));
});

it('an office that is always open, or never, has no end of that', () => {
  expect(openingAt(calendar('Europe/Paris', everyDay('all-day')), 0)).toEqual({ open: true, until: null });
  expect(openingAt(calendar('Europe/Paris', {}), 0)).toEqual({ open: false, until: null });
  expect(nextOpening(calendar('Europe/Paris', {}), 0)).toBeNull();
});
