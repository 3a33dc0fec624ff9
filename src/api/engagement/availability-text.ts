import type { SlotDay } from '../../domain/places/slot-day.ts';
import { localOf, type Zone } from '../../domain/time/zone.ts';
import { timeWriter } from './time-text.ts';

/** Zones of a day whose text is kept. */
const MOST_ZONES = 8;

/** Some slots of a day as JSON, each with a comma behind it; `begins` are where each begins, and the end of all. */
type DayText = {
  readonly bytes: Buffer;
  readonly begins: readonly number[];
  readonly starts: readonly number[];
  readonly free: readonly boolean[];
};

const render = ({ slots, totals, left }: SlotDay, zone: Zone, withFull: boolean): DayText => {
  const begins = [0];
  const starts: number[] = [];
  const free: boolean[] = [];
  const [utcOf, wallOf] = [timeWriter(), timeWriter()];
  let text = '';
  for (const [index, { start }] of slots.entries()) {
    const capacity = left[index] ?? 0;
    if (capacity === 0 && !withFull) continue;
    text += `{"utcTime":"${utcOf(start)}Z","localTime":"${wallOf(localOf(zone, start))}","capacity":${capacity},"total":${totals[index]}},`;
    begins.push(text.length);
    starts.push(start);
    free.push(capacity > 0);
  }
  return { bytes: Buffer.from(text, 'latin1'), begins, starts, free };
};

const texts = new WeakMap<SlotDay, Map<string, DayText>>();

/** A day is another object once anything of it is different, so that what hangs on it is never of what was before. */
const textOf = (day: SlotDay, zone: Zone, withFull: boolean): DayText => {
  const known = texts.get(day) ?? new Map<string, DayText>();
  const key = `${withFull ? 'all' : 'free'} ${zone.name}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size >= MOST_ZONES) known.clear();
  const made = render(day, zone, withFull);
  texts.set(day, known.set(key, made));
  return made;
};

/** Where in ascending numbers the first is that isn't below `least`. */
const firstFrom = (ascending: readonly number[], least: number): number => {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
};

export type Wanted = {
  readonly from: number;
  readonly to: number;
  readonly zone: Zone;
  /** How many free slots at most. */
  readonly most: number;
  /** Full slots too; they aren't counted. */
  readonly withFull: boolean;
};

/** The slots of a day in [from, to) as JSON, each with a comma behind it, and how many of them are free: `most` at most, nothing behind the last of them. */
export const slotsText = (day: SlotDay, { from, to, zone, most, withFull }: Wanted): { readonly bytes: Buffer; readonly free: number } => {
  const { bytes, begins, starts, free } = textOf(day, zone, withFull);
  const first = firstFrom(starts, from);
  const end = firstFrom(starts, to);
  let [last, count] = [first, 0];
  for (; last < end && count < most; last++) if (free[last] === true) count++;
  return { bytes: bytes.subarray(begins[first], begins[last]), free: count };
};
