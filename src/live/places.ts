import { dayOf } from '../domain/time/slots.ts';
import type { LiveView } from './live-view.ts';

/** Days behind the newest event that holds are remembered for: no slot there can be booked any more. */
export const REMEMBERED_DAYS = 2;
const DAY_MS = 86_400_000;

/** The places that are held, for proposing free ones; what decides is the slot's own stream. */
export type PlacesView = LiveView & {
  /** The instants (epoch ms) that a queue's places were taken for on a UTC day, one each. */
  readonly heldOn: (queue: string, day: string) => Iterable<number>;
  /** Takes over a hold that was folded before; `instant` is epoch ms. */
  readonly seed: (queue: string, holdId: string, instant: number) => void;
};

/** Holds by queue, UTC day and hold: the instant (epoch ms) each was taken for. */
export const placesView = (): PlacesView => {
  const days = new Map<string, Map<string, Map<string, number>>>();
  let oldest = '';

  const holdsOf = (day: string, queue: string): Map<string, number> => {
    const queues = days.get(day) ?? new Map<string, Map<string, number>>();
    const holds = queues.get(queue) ?? new Map<string, number>();
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
      if (type === 'PlaceTaken') holdsOf(day, data.queue).set(data.holdId, instant);
      else days.get(day)?.get(data.queue)?.delete(data.holdId);
    },
    seed: (queue, holdId, instant) => void holdsOf(dayOf(instant), queue).set(holdId, instant),
    heldOn: (queue, day) => days.get(day)?.get(queue)?.values() ?? [],
  };
};
