import type { FreeSlot } from '../api/deps.ts';
import { iso } from '../clock.ts';
import { slotsOf } from '../commands/places.ts';
import type { Configuration } from '../domain/configuration/state.ts';
import { dayOf, type Slot } from '../domain/time/slots.ts';
import type { PlacesView } from '../live/places.ts';

const DAY_MS = 86_400_000;
/** How far from the wished time free slots are looked for, both ways. */
const REACH_MS = 14 * DAY_MS;

/** How many callbacks hold a place in a slot, as the decider counts them. A slot may lie across midnight; the places of each day are counted once. */
const loads = (places: PlacesView, queue: string, slotAt: (instant: number) => Slot): ((slot: Slot) => number) => {
  const counted = new Set<number>();
  const byStart = new Map<number, Set<string>>();
  const countDayOf = (inside: number): void => {
    const day = Math.floor(inside / DAY_MS);
    if (counted.has(day)) return;
    counted.add(day);
    for (const { callbackId, instant } of places.heldOn(queue, dayOf(inside))) {
      const { start } = slotAt(instant);
      byStart.set(start, (byStart.get(start) ?? new Set()).add(callbackId));
    }
  };
  return ({ start, end }) => {
    countDayOf(start);
    countDayOf(end - 1);
    return byStart.get(start)?.size ?? 0;
  };
};

/** The free slots of a queue, open ones (3.2), nearest to `around` (epoch ms), nearest first, at most `count`, none that has begun by `now`. */
export const freeSlots = (
  configuration: Configuration,
  places: PlacesView,
  { queue, around, count, now }: { queue: string; around: number; count: number; now: number },
): readonly FreeSlot[] => {
  const found = slotsOf(configuration, queue);
  if (found === undefined) return [];
  const { slotAt, isOpen, capacityOf } = found;
  const load = loads(places, queue, slotAt);
  const wished = slotAt(around);

  const freeFrom = (first: Slot, next: (slot: Slot) => Slot, isInReach: (slot: Slot) => boolean) => {
    const free: (Slot & { left: number })[] = [];
    for (let slot = first; free.length < count && isInReach(slot); slot = next(slot)) {
      if (slot.start <= now || !isOpen(slot)) continue;
      const left = capacityOf(slot) - load(slot);
      if (left > 0) free.push({ ...slot, left });
    }
    return free;
  };
  const later = freeFrom(
    wished,
    ({ end }) => slotAt(end),
    ({ start }) => start - around <= REACH_MS,
  );
  const earlier = freeFrom(
    slotAt(wished.start - 1),
    ({ start }) => slotAt(start - 1),
    ({ start }) => start > now && around - start <= REACH_MS,
  );
  const distance = ({ start, end }: Slot): number => (start <= around && around < end ? 0 : Math.abs(start - around));
  return [...later, ...earlier]
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, count)
    .map(({ start, left }) => ({ utcTime: iso(start), capacity: left }));
};
