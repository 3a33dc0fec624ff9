import { timeOfDay } from './calendar.ts';
import { DAY_MS, localDayOf, localOf, type Period, whenLocal, zoneOf } from './zone.ts';

/** The hours of the customer's day in which he may be called (7.5), as `08:00`; an end that isn't after the beginning is on the next day. */
export type LocalHours = { readonly from: string; readonly to: string };

/** How far ahead a common hour of several zones is looked for: what they share, they share within days. */
const HORIZON_DAYS = 9;

type Span = { readonly from: number; readonly to: number };
const spanOf = ({ from, to }: LocalHours): Span => {
  const [begin, end] = [timeOfDay(from) ?? 0, timeOfDay(to) ?? 0];
  return { from: begin, to: end > begin ? end : end + DAY_MS };
};

/** Whether somebody may be called at an instant (epoch ms) who may be in any of these zones: it has to be allowed in all of them. */
export const isAllowedAt = (hours: LocalHours, zones: readonly string[], instant: number): boolean => {
  const { from, to } = spanOf(hours);
  return zones.every((name) => {
    const local = localOf(zoneOf(name), instant);
    const time = local - Math.floor(local / DAY_MS) * DAY_MS;
    return (from <= time && time < to) || time + DAY_MS < to;
  });
};

const allowedIn = (hours: LocalHours, name: string, instant: number): readonly Period[] => {
  const zone = zoneOf(name);
  const { from, to } = spanOf(hours);
  const today = localDayOf(zone, instant);
  const days = Array.from({ length: HORIZON_DAYS + 2 }, (_, n) => today - 1 + n);
  return days.flatMap((day) => whenLocal(zone, day * DAY_MS + from, day * DAY_MS + to)).sort((a, b) => a.start - b.start);
};

const shared = (a: readonly Period[], b: readonly Period[]): readonly Period[] =>
  a.flatMap((one) =>
    b.flatMap((other) => {
      const [start, end] = [Math.max(one.start, other.start), Math.min(one.end, other.end)];
      return start < end ? [{ start, end }] : [];
    }),
  );

/** The first instant from `instant` on (epoch ms) at which he may be called in all of these zones; null when they share no hour. */
export const nextAllowed = (hours: LocalHours, zones: readonly string[], instant: number): number | null => {
  if (isAllowedAt(hours, zones, instant)) return instant;
  const [first = [], ...others] = zones.map((name) => allowedIn(hours, name, instant));
  const common = others.reduce(shared, first);
  const ahead = common.filter(({ end }) => end > instant).map(({ start }) => Math.max(start, instant));
  return ahead.length === 0 ? null : Math.min(...ahead);
};
