import type { FreeSlot } from '../api/deps.ts';
import { iso } from '../clock.ts';
import { slotIn } from '../commands/places.ts';
import type { Configuration } from '../domain/configuration/state.ts';
import type { PlacesView } from '../live/places.ts';

/** How far from the wished time free slots are looked for, both ways. */
const REACH_MS = 14 * 86_400_000;

/** The free slots of a queue nearest to `around` (epoch ms), nearest first, at most `count`, none that has begun by `now`. */
export const freeSlots = (
  configuration: Configuration,
  places: PlacesView,
  { queue, around, count, now }: { queue: string; around: number; count: number; now: number },
): readonly FreeSlot[] => {
  const free: FreeSlot[] = [];
  const look = (instant: number) => {
    const found = slotIn(configuration, queue, instant);
    return found && { ...found, left: found.capacity - places.load(queue, found.slot) };
  };
  let later = look(around);
  let earlier = later && look(later.slot.start - 1);
  while (free.length < count && (later !== undefined || earlier !== undefined)) {
    const takeLater = later !== undefined && (earlier === undefined || later.slot.start - around <= around - earlier.slot.start);
    const next = takeLater ? later : earlier;
    if (next === undefined) break;
    if (next.left > 0 && next.slot.start > now) free.push({ utcTime: iso(next.slot.start), capacity: next.left });
    if (takeLater) later = next.slot.end - around > REACH_MS ? undefined : look(next.slot.end);
    else earlier = next.slot.start <= now || around - next.slot.start > REACH_MS ? undefined : look(next.slot.start - 1);
  }
  return free;
};
