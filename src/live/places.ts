import type { HeldAt } from '../domain/places/decider.ts';
import { dayOf } from '../domain/time/slots.ts';
import type { LiveView } from './live-view.ts';

/** Days behind the newest event that holds are remembered for: no slot there can be booked any more. */
export const REMEMBERED_DAYS = 2;
const DAY_MS = 86_400_000;

/** The places that are held, for proposing free ones; what decides is the slot's own stream. */
export type PlacesView = LiveView & {
  /** A queue's places of a UTC day. One callback may hold two for a while: as it moves, or is booked twice under one Idempotency-Key. */
  readonly heldOn: (queue: string, day: string) => Iterable<HeldAt>;
  /** Takes over a hold that was folded before. */
  readonly seed: (queue: string, holdId: string, held: HeldAt) => void;
};

/** Holds by UTC day, queue and hold: whose each is, and the instant (epoch ms) that it was taken for. */
export const placesView = (): PlacesView => {
  const days = new Map<string, Map<string, Map<string, HeldAt>>>();
  let oldest = '';

  const holdsOf = (day: string, queue: string): Map<string, HeldAt> => {
    const queues = days.get(day) ?? new Map<string, Map<string, HeldAt>>();
    const holds = queues.get(queue) ?? new Map<string, HeldAt>();
    days.set(day, queues.set(queue, holds));
    return holds;
  };
  const forget = (now: number): void => {
    const limit = dayOf(now - REMEMBERED_DAYS * DAY_MS);
    if (limit <= oldest) return;
    oldest = limit;
    for (const day of days.keys()) if (day < limit) days.delete(day);
  };
  return {
    name: 'places',
    apply: ({ type, data }) => {
      if (type !== 'PlaceTaken' && type !== 'PlaceGivenBack') return;
      const instant = Date.parse(data.instant);
      forget(Date.parse(data.at));
      const day = dayOf(instant);
      if (type === 'PlaceTaken') holdsOf(day, data.queue).set(data.holdId, { callbackId: data.callbackId, instant });
      else days.get(day)?.get(data.queue)?.delete(data.holdId);
    },
    seed: (queue, holdId, held) => void holdsOf(dayOf(held.instant), queue).set(holdId, held),
    heldOn: (queue, day) => days.get(day)?.get(queue)?.values() ?? [],
  };
};
