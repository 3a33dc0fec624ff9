import { weekdays } from '../configuration/events.ts';
import { calendarOf } from '../time/calendar.ts';
import { openSlots, type Slot } from '../time/slots.ts';
import { DAY_MS } from '../time/zone.ts';
import type { HeldAt } from './decider.ts';
import type { QueueSlots } from './queue-slots.ts';

/** The open slots of a queue that begin on one UTC day, in order, and what each holds. */
export type OpenDay = { readonly slots: readonly Slot[]; readonly totals: readonly number[] };

/** The same with what is left of each, never below 0: another object whenever anything of it is different. */
export type SlotDay = OpenDay & { readonly left: readonly number[] };

/** Looks up the days of a queue; undefined for a queue that isn't there. Days are days since 1970-01-01 UTC. */
export type SlotDays = (queue: string) => { readonly slots: QueueSlots; readonly onDay: (day: number) => SlotDay } | undefined;

const always = calendarOf({
  zone: 'UTC',
  weekly: Object.fromEntries(weekdays.map((name) => [name, 'all-day' as const])),
  ...{ exceptions: [], holidays: [] },
});

/** The open slots that begin on a UTC day, and their capacity. */
export const openDay = ({ calendar = always, durationMinutes, capacityOf }: QueueSlots, day: number): OpenDay => {
  const slots = openSlots(calendar, durationMinutes, day * DAY_MS, (day + 1) * DAY_MS);
  return { slots, totals: slots.map(capacityOf) };
};

/** Where in slots, which are in order, the one is that holds an instant; −1 for none. */
const indexOf = (slots: readonly Slot[], instant: number): number => {
  let [low, high] = [0, slots.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((slots[middle]?.start ?? 0) <= instant) low = middle + 1;
    else high = middle;
  }
  return instant < (slots[low - 1]?.end ?? Number.NEGATIVE_INFINITY) ? low - 1 : -1;
};

/** What is left of each slot while these places are held: counted as the decider does, by the instant, a callback once in a slot. */
export const withLeft = (open: OpenDay, held: Iterable<HeldAt>): SlotDay => {
  const { slots, totals } = open;
  const callbacks = new Map<number, Set<string>>();
  for (const { callbackId, instant } of held) {
    const index = indexOf(slots, instant);
    if (index === -1) continue;
    const counted = callbacks.get(index);
    if (counted === undefined) callbacks.set(index, new Set([callbackId]));
    else counted.add(callbackId);
  }
  return { slots, totals, left: totals.map((total, index) => Math.max(0, total - (callbacks.get(index)?.size ?? 0))) };
};
