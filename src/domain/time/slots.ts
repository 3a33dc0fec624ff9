import { DateTime } from 'luxon';

/** A slot: from `start` to before `end`, epoch milliseconds. */
export type Slot = { readonly start: number; readonly end: number };

/**
 * The slot that holds `instant`: `durationMinutes` long and aligned to the hour in `zone`; those of 120 minutes to even hours (3.2).
 * `instant` is epoch milliseconds.
 */
export const slotOf = (instant: number, durationMinutes: number, zone: string): Slot => {
  const local = DateTime.fromMillis(instant, { zone });
  const grid = durationMinutes === 120 ? local.hour % 2 : 0;
  const start =
    local.startOf('hour').minus({ hours: grid }).toMillis() +
    (durationMinutes < 60 ? Math.floor(local.minute / durationMinutes) * durationMinutes * 60_000 : 0);
  return { start, end: start + durationMinutes * 60_000 };
};

/** The UTC day that a slot's start belongs to, as `places-…` streams name it. */
export const dayOf = (start: number): string => new Date(start).toISOString().slice(0, 10);
