import type { Configuration } from '../domain/configuration/state.ts';
import type { HeldAt } from '../domain/places/decider.ts';
import { areSame, type QueueSlots, slotsOf } from '../domain/places/queue-slots.ts';
import { type OpenDay, openDay, type SlotDay, type SlotDays, withLeft } from '../domain/places/slot-day.ts';
import { dayOf } from '../domain/time/slots.ts';
import { DAY_MS } from '../domain/time/zone.ts';
import type { PlacesView } from '../live/places.ts';

/** Days of queues that are kept: with the text that hangs on them some 64 MB at most. */
const MOST_DAYS = 2_000;

type Kept = { readonly slots: QueueSlots; readonly open: OpenDay; readonly changes: number; readonly day: SlotDay };

const both = function* (one: Iterable<HeldAt>, other: Iterable<HeldAt>): Iterable<HeldAt> {
  yield* one;
  yield* other;
};

/**
 * The days of queues as configuration and places are at this moment, the last ones asked for kept. A day is kept for the very hours, rule
 * and settings that it was made of, and for the places that it was counted with: a change of any makes another, and only that one.
 */
export const slotDays = (configuration: () => Configuration, places: PlacesView): SlotDays => {
  const kept = new Map<string, Kept>();
  const cuts = new Map<string, QueueSlots>();

  const cutOf = (queue: string): QueueSlots | undefined => {
    const slots = slotsOf(configuration(), queue);
    const last = cuts.get(queue);
    if (slots !== undefined && last !== undefined && areSame(slots, last)) return last;
    if (slots === undefined) cuts.delete(queue);
    else cuts.set(queue, slots);
    return slots;
  };

  const keep = (key: string, one: Kept): SlotDay => {
    kept.delete(key);
    kept.set(key, one);
    if (kept.size > MOST_DAYS) for (const oldest of kept.keys()) if (kept.delete(oldest)) break;
    return one.day;
  };

  return (queue) => {
    const slots = cutOf(queue);
    if (slots === undefined) return undefined;
    const onDay = (day: number): SlotDay => {
      const key = `${day} ${queue}`;
      const found = kept.get(key);
      const open = found?.slots === slots ? found.open : openDay(slots, day);
      const [today, next] = [dayOf(day * DAY_MS), dayOf((day + 1) * DAY_MS)];
      const reachesOver = (open.slots.at(-1)?.end ?? 0) > (day + 1) * DAY_MS;
      const changes = Math.max(places.changedAt(queue, today), reachesOver ? places.changedAt(queue, next) : 0);
      if (found !== undefined && found.open === open && found.changes === changes) return keep(key, found);
      const held = reachesOver ? both(places.heldOn(queue, today), places.heldOn(queue, next)) : places.heldOn(queue, today);
      return keep(key, { slots, open, changes, day: withLeft(open, held) });
    };
    return { slots, onDay };
  };
};
