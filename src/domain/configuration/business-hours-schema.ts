import { z } from 'zod';
import { type Hours, readInterval, timeOfDay } from '../time/calendar.ts';
import { isHolidayCountry, isHolidayRegion } from '../time/holidays.ts';
import { DAY_MS, isZone } from '../time/zone.ts';
import { weekdays } from './events.ts';

const MOST_INTERVALS = 12;
const MOST_EXCEPTIONS = 500;
const MOST_HOLIDAY_SETS = 20;
const LAST_YEAR = 2199;

const time = z
  .string()
  .refine((text) => timeOfDay(text) !== undefined, 'must be a local time from 00:00 to 23:59; the end of a day is 00:00');

const interval = z
  .tuple([time, time], { error: 'must be two local times: when it opens, and when it closes' })
  .refine(([from, to]) => from !== to, 'must not end as it begins')
  .describe('From the first to before the second; one whose end isn’t later ends on the next day');
const intervals = z.array(interval).max(MOST_INTERVALS);

const dayHours = z
  .union([z.literal('all-day'), intervals], { error: 'must be all-day, or a list of intervals such as ["09:00", "17:30"]' })
  .optional();

const date = z
  .string()
  .refine((text) => z.iso.date().safeParse(text).success, 'must be a date such as 2026-12-24')
  .refine(
    (text) => Number(text.slice(0, 4)) >= 1970 && Number(text.slice(0, 4)) <= LAST_YEAR,
    `must lie in the years 1970 to ${LAST_YEAR}`,
  );

const holidaySet = z
  .strictObject({
    country: z.string().max(2).refine(isHolidayCountry, 'must be the ISO 3166 code of a country whose holidays are known, such as FR'),
    region: z.string().max(64).optional().describe('As the library of holidays names it, such as BY, or inside that BY-A'),
  })
  .check(({ value, issues }) => {
    const { country, region } = value;
    if (region === undefined || !isHolidayCountry(country) || isHolidayRegion(country, region)) return;
    issues.push({ code: 'custom', path: ['region'], message: 'must be a region of that country whose holidays are known', input: region });
  });

type Written = readonly (readonly [string, string])[];
type Problem = { readonly path: readonly (string | number)[]; readonly message: string };

const overlap = (a: Hours, b: Hours): boolean => a.from < b.to && b.from < a.to;

const overlapsWithin = (written: Written): readonly Problem[] =>
  written.flatMap((one, index) => {
    const hours = readInterval(one);
    const earlier = written.slice(0, index).map(readInterval);
    const clashes = hours !== undefined && earlier.some((other) => other !== undefined && overlap(hours, other));
    return clashes ? [{ path: [index], message: 'overlaps another interval of the day' }] : [];
  });

/** What a day leaves past midnight must not overlap an interval of the next; all day there takes it in. */
const overlapsOfNext = (written: Written, next: Written): readonly Problem[] => {
  const late = Math.max(0, ...written.map((one) => (readInterval(one)?.to ?? 0) - DAY_MS));
  return next.flatMap((one, index) =>
    (readInterval(one)?.from ?? DAY_MS) < late
      ? [{ path: [index], message: 'overlaps an interval that the day before leaves past midnight' }]
      : [],
  );
};

const listed = (written: 'all-day' | Written | undefined): Written => (written === undefined || written === 'all-day' ? [] : written);

const repeated = (keys: readonly string[]): readonly number[] => keys.flatMap((key, index) => (keys.indexOf(key) < index ? [index] : []));

/** Business hours as they are written (3.1). Every list is bounded, so that a change with what was before fits into an event. */
export const writtenHours = z
  .strictObject({
    zone: z.string().max(64).refine(isZone, 'must be an IANA time zone such as Europe/Paris'),
    weekly: z.strictObject({ mon: dayHours, tue: dayHours, wed: dayHours, thu: dayHours, fri: dayHours, sat: dayHours, sun: dayHours }),
    exceptions: z
      .array(z.strictObject({ date, intervals }))
      .max(MOST_EXCEPTIONS)
      .default([])
      .describe('Instead of a date’s usual hours and holidays'),
    holidays: z.array(holidaySet).max(MOST_HOLIDAY_SETS).default([]).describe('Public holidays, which are off'),
  })
  .check(({ value: { weekly, exceptions, holidays }, issues }) => {
    const add = (before: readonly (string | number)[], problems: readonly Problem[]): void => {
      for (const { path, message } of problems) issues.push({ code: 'custom', path: [...before, ...path], message, input: null });
    };
    for (const [index, day] of weekdays.entries()) {
      const next = weekdays[(index + 1) % weekdays.length] ?? day;
      add(['weekly', day], overlapsWithin(listed(weekly[day])));
      add(['weekly', next], overlapsOfNext(listed(weekly[day]), listed(weekly[next])));
    }
    for (const [index, exception] of exceptions.entries()) add(['exceptions', index, 'intervals'], overlapsWithin(exception.intervals));
    const twice = (list: string, field: string, keys: readonly string[]): void =>
      add(
        [list],
        repeated(keys).map((index) => ({ path: [index, field], message: 'is there twice' })),
      );
    twice(
      'exceptions',
      'date',
      exceptions.map((exception) => exception.date),
    );
    twice(
      'holidays',
      'country',
      holidays.map(({ country, region }) => `${country}-${region ?? ''}`),
    );
  });
