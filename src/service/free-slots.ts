import type { FreeSlot } from '../api/deps.ts';
import { iso } from '../clock.ts';
import type { SlotDays } from '../domain/places/slot-day.ts';
import type { Slot } from '../domain/time/slots.ts';
import { DAY_MS } from '../domain/time/zone.ts';

/** How far from the wished time free slots are looked for, both ways. */
const REACH_MS = 14 * DAY_MS;

type Free = Slot & { readonly left: number };

/** The free slots of a queue, open ones (3.2), nearest to `around` (epoch ms), nearest first, at most `count`, none that has begun by `now`. */
export const freeSlots = (
  days: SlotDays,
  { queue, around, count, now }: { queue: string; around: number; count: number; now: number },
): readonly FreeSlot[] => {
  const found = days(queue);
  if (found === undefined) return [];
  const { slots, onDay } = found;
  const wished = slots.slotAt(around);
  const distance = ({ start, end }: Slot): number => (start <= around && around < end ? 0 : Math.abs(start - around));

  /** Those of a day that are free, in reach and still to come, in order. */
  const freeOn = (day: number): readonly Free[] => {
    const { slots: open, left } = onDay(day);
    return open.flatMap((slot, index) => {
      const places = left[index] ?? 0;
      return places > 0 && slot.start > now && Math.abs(slot.start - around) <= REACH_MS ? [{ ...slot, left: places }] : [];
    });
  };
  const later: Free[] = [];
  for (let day = Math.floor(wished.start / DAY_MS); later.length < count && day * DAY_MS - around <= REACH_MS; day++) {
    later.push(...freeOn(day).filter(({ start }) => start >= wished.start));
  }
  const earlier: Free[] = [];
  const earliest = Math.max(now, around - REACH_MS);
  for (let day = Math.floor((wished.start - 1) / DAY_MS); earlier.length < count && (day + 1) * DAY_MS > earliest; day--) {
    earlier.push(
      ...freeOn(day)
        .filter(({ start }) => start < wished.start)
        .reverse(),
    );
  }
  return [...later, ...earlier]
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, count)
    .map(({ start, left }) => ({ utcTime: iso(start), capacity: left }));
};
