import { type BusinessHours, weekdays } from '../configuration/events.ts';
import { daysOffOfAll } from './holidays.ts';
import { DAY_MS, hasDay, type Zone, zoneOf } from './zone.ts';

/** Office hours of a local date in ms after its midnight, from `from` to before `to`; past midnight `to` is more than a day. */
export type Hours = { readonly from: number; readonly to: number };

/** Business hours made ready to be asked (3.1). Days are local dates as days since 1970-01-01. */
export type Calendar = {
  readonly zone: Zone;
  /** The hours that begin on a date, in order. */
  readonly hoursOf: (day: number) => readonly Hours[];
  /** The last date that is an exception; null when there is none. */
  readonly lastException: number | null;
  /** The whole week through, or not at all, when no date is different. */
  readonly always: 'open' | 'closed' | null;
};

const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** A local time such as `09:30` in ms after midnight; undefined for anything else, `24:00` too. */
export const timeOfDay = (text: string): number | undefined => {
  const found = TIME.exec(text);
  return found === null ? undefined : (Number(found[1]) * 60 + Number(found[2])) * 60_000;
};

/** An interval as it is written: one whose end isn't after its beginning ends on the next day. Undefined for an empty one, or no times. */
export const readInterval = ([begin, end]: readonly [string, string]): Hours | undefined => {
  const [from, to] = [timeOfDay(begin), timeOfDay(end)];
  if (from === undefined || to === undefined || from === to) return undefined;
  return { from, to: to > from ? to : to + DAY_MS };
};

const ALL_DAY: readonly Hours[] = [{ from: 0, to: DAY_MS }];

const read = (written: 'all-day' | readonly (readonly [string, string])[] | undefined): readonly Hours[] => {
  if (written === 'all-day') return ALL_DAY;
  return (written ?? [])
    .map(readInterval)
    .filter((hours) => hours !== undefined)
    .sort((a, b) => a.from - b.from);
};

const dayOfDate = (date: string): number => Date.parse(date) / DAY_MS;
const MONDAY = 4; // 1970-01-05

const before = (hours: readonly Hours[], limit: number): readonly Hours[] =>
  hours.flatMap(({ from, to }) => (from < limit ? [{ from, to: Math.min(to, limit) }] : []));

const compile = ({ zone, weekly, exceptions, holidays }: BusinessHours): Calendar => {
  const week = weekdays.map((day) => read(weekly[day]));
  const dated = new Map(exceptions.map(({ date, intervals }) => [dayOfDate(date), read(intervals)]));
  const offFrom = holidays.length === 0 ? undefined : daysOffOfAll(holidays);
  const isPlain = dated.size === 0 && offFrom === undefined;
  const allOf = (isSo: (hours: readonly Hours[]) => boolean): boolean => isPlain && week.every(isSo);
  return {
    zone: zoneOf(zone),
    hoursOf: (day) => {
      const exception = dated.get(day);
      if (exception !== undefined) return exception;
      const usual = week[(((day - MONDAY) % 7) + 7) % 7] ?? [];
      const off = usual.length === 0 ? undefined : offFrom?.(day);
      return off === undefined ? usual : before(usual, off);
    },
    lastException: dated.size === 0 ? null : Math.max(...dated.keys()),
    always: allOf((hours) => hours === ALL_DAY) ? 'open' : allOf((hours) => hours.length === 0) ? 'closed' : null,
  };
};

const compiled = new WeakMap<BusinessHours, Calendar>();

/** Business hours ready to be asked. Each change of them is another object, so what is kept by the object never is of the hours before. */
export const calendarOf = (hours: BusinessHours): Calendar => {
  const known = compiled.get(hours);
  if (known !== undefined) return known;
  const made = compile(hours);
  compiled.set(hours, made);
  return made;
};

/**
 * When it is open on a local date, in ms after its midnight, in order: the hours that begin on it, and what the date before left past midnight.
 * Hours belong to the date they begin on (3.6): those of a date that the zone leaves out never began.
 */
export const openOn = ({ zone, hoursOf }: Calendar, day: number): readonly Hours[] => {
  const own = before(hoursOf(day), DAY_MS);
  const late = hoursOf(day - 1).filter(({ to }) => to > DAY_MS);
  if (late.length === 0 || !hasDay(zone, day - 1)) return own;
  const merged: Hours[] = [];
  for (const hours of [...late.map(({ to }) => ({ from: 0, to: to - DAY_MS })), ...own]) {
    const last = merged.at(-1);
    if (last !== undefined && hours.from <= last.to) merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, hours.to) };
    else merged.push(hours);
  }
  return merged;
};
