import Holidays from 'date-holidays';
import { DAY_MS } from './zone.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MOST_YEARS = 2_000;

/** A set of public holidays by the library's codes: a country, and of it a region such as `BY` or, inside that, `BY-A`. */
export type HolidaySet = { readonly country: string; readonly region?: string | undefined };

/** Local dates (days since 1970-01-01) with the ms after midnight from which on they are off: 0, or noon on many a Christmas Eve. */
type DaysOff = ReadonlyMap<number, number>;

const library = new Holidays();
const countries: ReadonlySet<string> = new Set(Object.keys(library.getCountries()));

const partsOf = (region: string): readonly [string, string | undefined] => {
  const [state = '', ...rest] = region.split('-');
  return [state, rest.length === 0 ? undefined : rest.join('-')];
};

/** Whether the library has holidays of that country. */
export const isHolidayCountry = (country: string): boolean => countries.has(country);

/** Whether the library knows that region of the country. */
export const isHolidayRegion = (country: string, region: string): boolean => {
  const [state, part] = partsOf(region);
  if (!Object.hasOwn(library.getStates(country) ?? {}, state)) return false;
  return part === undefined || Object.hasOwn(library.getRegions(country, state) ?? {}, part);
};

const open = ({ country, region }: HolidaySet): Holidays => {
  const types = { types: ['public' as const] };
  if (region === undefined) return new Holidays(country, types);
  const [state, part] = partsOf(region);
  return part === undefined ? new Holidays(country, state, types) : new Holidays(country, state, part, types);
};

const DATE = /^(\d{4}-\d{2}-\d{2}) (\d{2}):(\d{2})/;

/** Those that begin in a year. Days count by the date that the library names, for those of a lunar calendar begin on the eve. */
const daysOffOf = (set: HolidaySet, year: number): DaysOff => {
  const days = new Map<number, number>();
  const add = (day: number, from: number): void => void days.set(day, Math.min(from, days.get(day) ?? DAY_MS));
  for (const { date, start, end } of open(set).getHolidays(year)) {
    const [, named = '', hour, minute] = DATE.exec(date) ?? [];
    const first = Date.parse(named) / DAY_MS;
    if (!Number.isInteger(first)) continue;
    const from = Number(hour) * HOUR_MS + Number(minute) * MINUTE_MS;
    const wholeDays = Math.floor((end.getTime() - start.getTime() + HOUR_MS) / DAY_MS); // a day may have 23 or 25 hours
    if (from > 0 || wholeDays === 0) add(first, from);
    else for (let n = 0; n < wholeDays; n++) add(first + n, 0);
  }
  return days;
};

const byYear = new Map<string, DaysOff>();

const daysOff = (set: HolidaySet, year: number): DaysOff => {
  const key = `${year} ${set.country} ${set.region ?? ''}`;
  const known = byYear.get(key);
  if (known !== undefined) return known;
  if (byYear.size >= MOST_YEARS) byYear.clear();
  const made = daysOffOf(set, year);
  byYear.set(key, made);
  return made;
};

const isKnown = ({ country, region }: HolidaySet): boolean =>
  isHolidayCountry(country) && (region === undefined || isHolidayRegion(country, region));

/**
 * From how many ms after midnight on a local date (days since 1970-01-01) is off by public holidays: 0 for all of it, undefined for none of it.
 * Other kinds of holidays aren't days off; a set that the library doesn't know has none.
 */
export const daysOffOfAll = (sets: readonly HolidaySet[]): ((day: number) => number | undefined) => {
  const known = sets.filter(isKnown);
  const ofSet = (set: HolidaySet, year: number, day: number): number =>
    Math.min(daysOff(set, year).get(day) ?? DAY_MS, daysOff(set, year - 1).get(day) ?? DAY_MS); // one may last over New Year
  return (day) => {
    const year = new Date(day * DAY_MS).getUTCFullYear();
    const from = known.reduce((least, set) => Math.min(least, ofSet(set, year, day)), DAY_MS);
    return from === DAY_MS ? undefined : from;
  };
};
