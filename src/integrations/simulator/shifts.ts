import { DateTime } from 'luxon';

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/**
 * Working hours in the zone of the simulator: from `from` until before `to`, both `HH:mm`. `to` may be `24:00`; when it isn't after
 * `from`, the shift ends on the next day and belongs to the day it began. Without `days` it holds on all.
 */
export type Shift = { readonly days?: readonly Weekday[]; readonly from: string; readonly to: string };

const LONGEST_LOOK_DAYS = 9;

const minutesOf = (time: string): number => {
  const parts = /^(\d\d):(\d\d)$/.exec(time);
  const minutes = Number(parts?.[1]) * 60 + Number(parts?.[2]);
  if (parts === null || Number(parts[2]) > 59 || minutes > 24 * 60) throw new Error(`A shift's time is HH:mm up to 24:00, not ${time}.`);
  return minutes;
};

const instantOf = (day: DateTime, minutes: number): number =>
  day
    .plus({ days: Math.floor(minutes / 1440) })
    .set({ hour: Math.floor((minutes % 1440) / 60), minute: minutes % 60 })
    .toMillis();

/** The shift's interval that begins on `day` (its local midnight), as instants; nothing on a day that it doesn't hold. */
const intervalOn = (shift: Shift, day: DateTime): readonly [number, number] | undefined => {
  const weekday = weekdays[day.weekday - 1];
  if (shift.days !== undefined && (weekday === undefined || !shift.days.includes(weekday))) return undefined;
  const from = minutesOf(shift.from);
  const to = minutesOf(shift.to);
  return [instantOf(day, from), instantOf(day, to > from ? to : to + 1440)];
};

const intervalsAround = (shifts: readonly Shift[], instant: number, zone: string): (readonly [number, number])[] => {
  const today = DateTime.fromMillis(instant, { zone }).startOf('day');
  if (!today.isValid) throw new Error(`${zone} isn't a time zone.`);
  return shifts.flatMap((shift) =>
    Array.from({ length: LONGEST_LOOK_DAYS + 1 }, (_, i) => intervalOn(shift, today.plus({ days: i - 1 }))).filter((i) => i !== undefined),
  );
};

/** Whether one of the shifts holds at `instant` (epoch ms). No shifts at all means around the clock. Throws for a malformed shift or zone. */
export const onShift = (shifts: readonly Shift[], instant: number, zone: string): boolean =>
  shifts.length === 0 || intervalsAround(shifts, instant, zone).some(([from, to]) => from <= instant && instant < to);

/** The next instant after this one at which a shift begins or ends; nothing when none does within a week. */
export const nextShiftChange = (shifts: readonly Shift[], instant: number, zone: string): number | undefined =>
  intervalsAround(shifts, instant, zone)
    .flat()
    .filter((edge) => edge > instant)
    .sort((a, b) => a - b)[0];
