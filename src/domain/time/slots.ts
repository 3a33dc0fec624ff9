import { Info } from 'luxon';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A slot: from `start` to before `end`, epoch milliseconds. */
export type Slot = { readonly start: number; readonly end: number };

/** How far a zone's clocks are ahead of UTC at an instant, in ms. What holds for a whole UTC day is looked up once. */
const offsetsOf = (zoneName: string): ((instant: number) => number) => {
  const zone = Info.normalizeZone(zoneName);
  const at = (instant: number): number => zone.offset(instant) * MINUTE_MS;
  const days = new Map<number, number | null>();
  return (instant) => {
    const day = Math.floor(instant / DAY_MS);
    const known = days.get(day);
    if (typeof known === 'number') return known;
    if (known === undefined) {
      const first = at(day * DAY_MS);
      days.set(day, first === at((day + 1) * DAY_MS) ? first : null);
    }
    return days.get(day) ?? at(instant);
  };
};

/**
 * Finds the slot that holds an instant (epoch ms): `durationMinutes` long and aligned to the hour in `zone`; those of 120 minutes to even
 * hours (3.2). All durations divide a day, so that counting from a midnight aligns them.
 */
export const slotFinder = (durationMinutes: number, zone: string): ((instant: number) => Slot) => {
  const length = durationMinutes * MINUTE_MS;
  const offsetAt = offsetsOf(zone);
  return (instant) => {
    const offset = offsetAt(instant);
    const start = Math.floor((instant + offset) / length) * length - offset;
    return { start, end: start + length };
  };
};

/** The one slot that holds `instant`; see `slotFinder`. */
export const slotOf = (instant: number, durationMinutes: number, zone: string): Slot => slotFinder(durationMinutes, zone)(instant);

/** The UTC day that a slot's start belongs to, as `places-…` streams name it. */
export const dayOf = (start: number): string => new Date(start).toISOString().slice(0, 10);
