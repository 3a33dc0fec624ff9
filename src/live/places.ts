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
  /** Which change of these places was the last, counted over all of them: another number whenever a queue's places of a UTC day changed; 0 for none. */
  readonly changedAt: (queue: string, day: string) => number;
  /** Takes over a hold that was folded before. */
  readonly seed: (queue: string, holdId: string, held: HeldAt) => void;
};

type Held = { readonly holds: Map<string, HeldAt>; readonly changed: number };

/** Holds by UTC day, queue and hold: whose each is, and the instant (epoch ms) that it was taken for. */
export const placesView = (): PlacesView => {
  const days = new Map<string, Map<string, Held>>();
  let oldest = '';
  let changes = 0;

  const take = (queue: string, holdId: string, held: HeldAt): void => {
    const day = dayOf(held.instant);
    const queues = days.get(day) ?? new Map<string, Held>();
    const { holds } = queues.get(queue) ?? { holds: new Map<string, HeldAt>() };
    days.set(day, queues.set(queue, { holds: holds.set(holdId, held), changed: ++changes }));
  };
  const giveBack = (queue: string, holdId: string, instant: number): void => {
    const queues = days.get(dayOf(instant));
    const held = queues?.get(queue);
    if (held?.holds.delete(holdId)) queues?.set(queue, { ...held, changed: ++changes });
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
      if (type === 'PlaceTaken') take(data.queue, data.holdId, { callbackId: data.callbackId, instant });
      else giveBack(data.queue, data.holdId, instant);
    },
    seed: take,
    heldOn: (queue, day) => days.get(day)?.get(queue)?.holds.values() ?? [],
    changedAt: (queue, day) => days.get(day)?.get(queue)?.changed ?? 0,
  };
};
