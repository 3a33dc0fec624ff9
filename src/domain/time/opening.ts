import { type Calendar, openOn } from './calendar.ts';
import { DAY_MS, hasDay, localDayOf, localOf, type Period, whenLocal } from './zone.ts';

/** How far ahead a change is looked for behind the last dated exception: a year's holidays come within it. */
const HORIZON_DAYS = 400;

/** Whether it is open at an instant (epoch ms): whether what the clocks show then lies in the hours of their date, or of the one before past midnight. */
export const isOpenAt = (calendar: Calendar, instant: number): boolean => {
  const local = localOf(calendar.zone, instant);
  const day = Math.floor(local / DAY_MS);
  const time = local - day * DAY_MS;
  return openOn(calendar, day).some(({ from, to }) => from <= time && time < to);
};

/**
 * The office hours that begin on a local date (days since 1970-01-01), as periods in order, those past midnight to their end (3.6).
 * A repeated time is in them twice, one that doesn't exist is not; a date that the zone leaves out has none.
 */
export const officeHours = ({ zone, hoursOf }: Calendar, day: number): readonly Period[] => {
  if (!hasDay(zone, day)) return [];
  return hoursOf(day)
    .flatMap(({ from, to }) => whenLocal(zone, day * DAY_MS + from, day * DAY_MS + to))
    .sort((a, b) => a.start - b.start);
};

/** Whether it is open, and until when (epoch ms) it stays so; null when no end of that is known. */
export type Opening = { readonly open: boolean; readonly until: number | null };

/** How it stands at an instant, and until when (2.4). */
export const openingAt = (calendar: Calendar, instant: number): Opening => {
  const open = isOpenAt(calendar, instant);
  if (calendar.always !== null) return { open, until: null };
  const today = localDayOf(calendar.zone, instant);
  const last = Math.max(today, calendar.lastException ?? today) + HORIZON_DAYS;
  const edgesOf = (day: number): readonly number[] => officeHours(calendar, day).flatMap(({ start, end }) => [start, end]);
  let [earlier, middle] = [edgesOf(today - 1), edgesOf(today)];
  for (let day = today + 1; day <= last; day++) {
    const later = edgesOf(day);
    // Where clocks are moved back over midnight, the hours of neighbouring dates come in turns.
    const ahead = [...earlier, ...middle, ...later].filter((edge) => edge > instant).sort((a, b) => a - b);
    const until = ahead.find((edge) => isOpenAt(calendar, edge) !== open);
    if (until !== undefined) return { open, until };
    [earlier, middle] = [middle, later];
  }
  return { open, until: null };
};

/** The first instant from `instant` on (epoch ms) at which it is open; null when none is known. */
export const nextOpening = (calendar: Calendar, instant: number): number | null => {
  const { open, until } = openingAt(calendar, instant);
  return open ? instant : until;
};
