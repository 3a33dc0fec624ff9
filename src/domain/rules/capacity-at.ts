import { type CapacityRule, type CapacityValues, days } from './capacity-rule.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const THURSDAY = 4; // the first day of 1970

/** A day's values in the order of its time slots. */
const slotsOf = (values: CapacityValues | undefined, duration: number): readonly number[] =>
  Array.from({ length: (24 * 60) / duration }, (_, index) => {
    const minutes = index * duration;
    const time = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
    return values?.[time] ?? 0;
  });

/** A rule laid out for look-ups: by weekday, and by days since 1970 where an exception holds. */
type Table = { readonly week: readonly (readonly number[])[]; readonly dated: ReadonlyMap<number, readonly number[]> };

const tables = new WeakMap<CapacityRule, Table>();

const tableOf = (rule: CapacityRule): Table => {
  const known = tables.get(rule);
  if (known !== undefined) return known;
  const { duration } = rule;
  const table = {
    week: days.map((day) => slotsOf(rule.days[day], duration)),
    dated: new Map(rule.exceptions.map(({ date, values }) => [Date.parse(date) / DAY_MS, slotsOf(values, duration)])),
  };
  tables.set(rule, table);
  return table;
};

/**
 * How many callbacks a rule lets into each slot of a queue that starts at this local time (3.2, 4.2): the value of the time slot around it.
 * `local` is the time on the wall of the queue's calendar, as the epoch ms that UTC would show it at.
 */
export const capacityAt = (rule: CapacityRule, local: number): number => {
  const { week, dated } = tableOf(rule);
  const day = Math.floor(local / DAY_MS);
  const values = dated.get(day) ?? week[(day + THURSDAY) % days.length];
  return values?.[Math.floor((local - day * DAY_MS) / (rule.duration * MINUTE_MS))] ?? 0;
};
