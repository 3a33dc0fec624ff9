import { type Calendar, openOn } from './calendar.ts';
import { DAY_MS, type Period, type Stretch, type Zone, zoneOf } from './zone.ts';

const MINUTE_MS = 60_000;

/** A slot: from `start` to before `end`, epoch milliseconds. */
export type Slot = Period;

const lastStartIn = ({ to, offset }: Stretch, instant: number, length: number): number =>
  Math.floor((Math.min(instant, to - 1) + offset) / length) * length - offset;

/** The first start at or after the beginning of a stretch; beyond its end when it has none. */
const firstStartIn = ({ from, offset }: Stretch, length: number): number => Math.ceil((from + offset) / length) * length - offset;

const startAtOrBefore = (zone: Zone, instant: number, length: number): { readonly start: number; readonly within: Stretch } => {
  let within = zone.stretchAt(instant);
  let start = lastStartIn(within, instant, length);
  while (start < within.from) {
    within = zone.stretchAt(within.from - 1);
    start = lastStartIn(within, instant, length);
  }
  return { start, within };
};

/** Where the slot ends that begins at `start` in a stretch: where the next begins. */
const endOf = (zone: Zone, start: number, within: Stretch, length: number): number => {
  let [end, stretch] = [start + length, within];
  while (end >= stretch.to) {
    stretch = zone.stretchAt(stretch.to);
    end = firstStartIn(stretch, length);
  }
  return end;
};

/**
 * Finds the slot that holds an instant (epoch ms): `durationMinutes` long and aligned to the hour in `zone`; those of 120 minutes to even
 * hours (3.2). All durations divide a day, so that counting from a midnight aligns them. A slot begins when the zone's clocks show an aligned
 * time, twice when they show it twice, and ends where the next begins: clocks that are moved make it shorter or longer (3.3).
 */
export const slotFinder = (durationMinutes: number, zone: string): ((instant: number) => Slot) => {
  const length = durationMinutes * MINUTE_MS;
  const clocks = zoneOf(zone);
  return (instant) => {
    const { start, within } = startAtOrBefore(clocks, instant, length);
    return { start, end: endOf(clocks, start, within, length) };
  };
};

/** The one slot that holds `instant`; see `slotFinder`. */
export const slotOf = (instant: number, durationMinutes: number, zone: string): Slot => slotFinder(durationMinutes, zone)(instant);

/** The slots that begin in [from, to), epoch ms, while the office is open (3.2), in order. */
export const openSlots = (calendar: Calendar, durationMinutes: number, from: number, to: number): readonly Slot[] => {
  const length = durationMinutes * MINUTE_MS;
  const { zone } = calendar;
  const slots: Slot[] = [];
  for (const within of zone.stretches(from, to)) {
    const { offset } = within;
    const [first, last] = [Math.max(within.from, from) + offset, Math.min(within.to, to) + offset];
    for (let day = Math.floor(first / DAY_MS); day * DAY_MS < last; day++) {
      for (const hours of openOn(calendar, day)) {
        const closes = Math.min(day * DAY_MS + hours.to, last);
        let local = Math.ceil(Math.max(day * DAY_MS + hours.from, first) / length) * length;
        for (; local < closes; local += length) {
          const start = local - offset;
          const end = start + length;
          slots.push({ start, end: end < within.to ? end : endOf(zone, start, within, length) });
        }
      }
    }
  }
  return slots;
};

/** The UTC day that a slot's start belongs to, as `places-…` streams name it. */
export const dayOf = (start: number): string => new Date(start).toISOString().slice(0, 10);
