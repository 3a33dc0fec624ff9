import { iso } from '../clock.ts';
import { draw } from '../integrations/simulator/draw.ts';
import { otherNumber, reservedNumber } from './phone-numbers.ts';
import { demo } from './settings.ts';

/** A callback to book at `instant` (epoch ms); with a desired time it is a scheduled one. */
export type PlannedBooking = {
  readonly idempotencyKey: string;
  readonly instant: number;
  readonly phoneNumber: string;
  readonly desiredTime?: string;
};

const HOUR_MS = 3_600_000;
const QUARTER_MS = 15 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** Whether the `n`th of a row of things is among the `share` of them that is chosen: evenly, beginning somewhere by the seed. */
const chosen = (share: number, seed: number, word: string, n: number): boolean => {
  const begin = draw(seed, word);
  return Math.floor((n + 1 + begin) * share) > Math.floor((n + begin) * share);
};

/**
 * Which of the day's calls become callbacks, for whom and when: a function of its arguments alone, so that a demo started again asks for
 * the same under the same keys. A time ahead that would fall on the next day becomes an immediate callback.
 */
export const planBookings = (
  arrivals: readonly number[],
  options: { readonly day: string; readonly seed: number; readonly share: number; readonly scheduled: number },
): readonly PlannedBooking[] => {
  const { day, seed, share, scheduled } = options;
  const midnight = Date.parse(`${day}T00:00:00Z`) + DAY_MS;
  const [fewest, most] = demo.hoursAhead;
  let reserved = 0;
  let others = 0;
  let planned = 0;
  return arrivals.flatMap((instant, arrival) => {
    if (!chosen(share, seed, 'share', arrival)) return [];
    const phoneNumber = draw(seed, 'number', arrival) < demo.answerAtFirst ? reservedNumber(reserved++, seed) : otherNumber(others++, seed);
    const booking = { idempotencyKey: `demo-${day}-${seed}-${arrival}`, instant, phoneNumber };
    if (!chosen(scheduled, seed, 'scheduled', planned++)) return [booking];
    const wished = instant + (fewest + (most - fewest) * draw(seed, 'hours ahead', arrival)) * HOUR_MS;
    const desired = Math.ceil(wished / QUARTER_MS) * QUARTER_MS;
    return [desired < midnight ? { ...booking, desiredTime: iso(desired) } : booking];
  });
};
