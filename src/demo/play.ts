import { type Clock, sleepUntil } from '../clock.ts';
import type { PlannedBooking } from './plan.ts';
import type { BookingResult } from './service-api.ts';
import { demo } from './settings.ts';

/** How far the bookings are: all before `settled` in the plan are acknowledged or refused, the refused counted by code. */
export type Played = { readonly settled: number; readonly refused: Readonly<Record<string, number>> };

/**
 * Books each planned callback when the clock reaches its instant, beginning after those that `from` says are settled; what was due before
 * is booked at once. Those asked for and never answered, by a run that was killed, are asked for again under the same keys: the service
 * answers with the same callback. `progressed` is told after each answer. Resolves when all are settled or `signal` is
 * aborted; rejects with the first failure of `book`.
 */
export const playBookings = async (options: {
  readonly bookings: readonly PlannedBooking[];
  readonly from: Played;
  readonly clock: Clock;
  readonly book: (booking: PlannedBooking) => Promise<BookingResult>;
  readonly progressed: (played: Played) => void;
  readonly signal: AbortSignal;
}): Promise<void> => {
  const { bookings, from, clock, book, progressed, signal } = options;
  const answers = new Map<number, BookingResult>();
  const inFlight = new Set<Promise<void>>();
  let played = from;

  const settle = (index: number, result: BookingResult) => {
    answers.set(index, result);
    let { settled } = played;
    const refused = { ...played.refused };
    for (let next = answers.get(settled); next !== undefined; next = answers.get(settled)) {
      answers.delete(settled++);
      if (next.kind === 'refused') refused[next.code] = (refused[next.code] ?? 0) + 1;
    }
    played = { settled, refused };
    progressed(played);
  };

  const failures: unknown[] = [];
  for (const [index, booking] of bookings.entries()) {
    if (index < from.settled) continue;
    await sleepUntil(clock, booking.instant, signal);
    while (inFlight.size >= demo.bookingsInFlight) await Promise.race(inFlight);
    if (signal.aborted || failures.length > 0) break;
    const asked: Promise<void> = book(booking)
      .then(
        (result) => settle(index, result),
        (error: unknown) => void failures.push(error),
      )
      .finally(() => inFlight.delete(asked));
    inFlight.add(asked);
  }
  await Promise.all(inFlight);
  if (failures.length > 0) throw failures[0];
};
