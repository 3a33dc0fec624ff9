import type { BusinessHours } from '../configuration/events.ts';
import { type Calendar, calendarOf } from '../time/calendar.ts';
import { officeHours, openingAt } from '../time/opening.ts';
import { DAY_MS, localDayOf } from '../time/zone.ts';

/** The end of a business day: its local date (`YYYY-MM-DD`), and when it was over (epoch ms). */
export type Closing = { readonly day: string; readonly closedAt: number };

/** How far ahead a closing is looked for: a year's holidays come within it. */
const HORIZON_DAYS = 400;
/** Hours that begin on a date end within the next; clocks move them by less than another day. */
const REACH_DAYS = 2;

const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** When the hours that begin on a date are over: where the next ones follow at once, those count with them. */
const endOf = (calendar: Calendar, day: number): number | undefined => {
  const ends = officeHours(calendar, day).map(({ end }) => end);
  if (ends.length === 0) return undefined;
  const last = Math.max(...ends);
  const { open, until } = openingAt(calendar, last);
  return open ? (until ?? undefined) : last;
};

const hasNone = ({ always }: Calendar): boolean => always !== null;

/** The end of a business day (3.6) that comes next after an instant (epoch ms); undefined where none does, as when it is open 24 h. */
export const closingAfter = (hours: BusinessHours, after: number): Closing | undefined => {
  const calendar = calendarOf(hours);
  if (hasNone(calendar)) return undefined;
  const today = localDayOf(calendar.zone, after);
  const last = Math.max(today, calendar.lastException ?? today) + HORIZON_DAYS;
  for (let day = today - REACH_DAYS; day <= last; day++) {
    const closedAt = endOf(calendar, day);
    if (closedAt === undefined || closedAt <= after) continue;
    while (endOf(calendar, day + 1) === closedAt) day++;
    return { day: dateOf(day), closedAt };
  }
  return undefined;
};

/** The last end of a business day after an instant and no later than another (epoch ms). */
export const lastClosing = (hours: BusinessHours, after: number, until: number): Closing | undefined => {
  const calendar = calendarOf(hours);
  if (hasNone(calendar)) return undefined;
  const first = localDayOf(calendar.zone, after) - REACH_DAYS;
  for (let day = localDayOf(calendar.zone, until); day >= first; day--) {
    const closedAt = endOf(calendar, day);
    if (closedAt !== undefined && closedAt > after && closedAt <= until) return { day: dateOf(day), closedAt };
  }
  return undefined;
};
