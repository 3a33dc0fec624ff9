import { z } from 'zod';

/** Days of a capacity rule, in the order of its calendar. */
export const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const MOST_EXCEPTIONS = 1_000;
const MOST_CALLBACKS = 100_000;

const storedValues = z.record(z.string(), z.int());

/** A capacity rule as it is stored. Its values were held by the bounds of their day. */
export const storedCapacityRule = z.object({
  duration: z.literal([60, 30]),
  days: z.partialRecord(z.enum(days), storedValues),
  exceptions: z.array(z.object({ date: z.iso.date(), values: storedValues })),
});
export type CapacityRule = z.output<typeof storedCapacityRule>;
/** Minutes of a rule's time slots. */
export type CapacityDuration = CapacityRule['duration'];
/** Callbacks by the time of day, `HH:mm`, that their time slot starts at; a time left out is 0. */
export type CapacityValues = Readonly<Record<string, number>>;

const values = z.record(z.string(), z.int().min(0).max(MOST_CALLBACKS));
const duration = z.literal([60, 30]).describe('Minutes of a time slot');
const week = z
  .strictObject(
    Object.fromEntries(days.map((day) => [day, values.optional()])) as { [D in (typeof days)[number]]: z.ZodOptional<typeof values> },
  ) // fromEntries forgets the names
  .describe('By day, then by the time of day that a time slot starts at; what is left out is 0');

const grids: Readonly<Record<CapacityDuration, { readonly time: RegExp; readonly wanted: string }>> = {
  60: { time: /^([01]\d|2[0-3]):00$/, wanted: 'isn’t on the grid: its time must be a full hour from 00:00 to 23:00' },
  30: { time: /^([01]\d|2[0-3]):[03]0$/, wanted: 'isn’t on the grid: its time must be a full or half hour from 00:00 to 23:30' },
};

type Grid = { readonly path: readonly (string | number)[]; readonly values: CapacityValues | undefined };

const refuseOffGrid = (length: CapacityDuration, all: readonly Grid[], context: z.RefinementCtx): void => {
  const { time, wanted } = grids[length];
  for (const one of all)
    for (const at of Object.keys(one.values ?? {}))
      if (!time.test(at)) context.addIssue({ code: 'custom', path: [...one.path, at], message: wanted });
};

const daysOf = (of: z.output<typeof week>): Grid[] => days.map((day) => ({ path: ['days', day], values: of[day] }));

const withoutAbsent = (of: z.output<typeof week>): CapacityRule['days'] =>
  Object.fromEntries(Object.entries(of).filter(([, one]) => one !== undefined));

/** The weekly part of a rule: the JSON statement of 4.2. */
export const capacityStatement = z
  .strictObject({ days: week, duration })
  .superRefine((statement, context) => refuseOffGrid(statement.duration, daysOf(statement.days), context))
  .transform((statement) => ({ ...statement, days: withoutAbsent(statement.days) }));
export type CapacityStatement = Omit<CapacityRule, 'exceptions'>;

const exceptions = z
  .array(z.strictObject({ date: z.iso.date(), values }))
  .max(MOST_EXCEPTIONS)
  .superRefine((all, context) => {
    const seen = new Set<string>();
    for (const [index, { date }] of all.entries()) {
      if (seen.has(date)) context.addIssue({ code: 'custom', path: [index, 'date'], message: 'stands there twice' });
      seen.add(date);
    }
  })
  .default([])
  .describe('Dates whose values stand in place of the weekly ones for the whole day');

/** A capacity rule as it is saved (4.2): the statement, and dated exceptions. */
export const capacityRule = z
  .strictObject({ days: week, duration, exceptions })
  .superRefine((rule, context) => {
    const dated = rule.exceptions.map((one, index): Grid => ({ path: ['exceptions', index, 'values'], values: one.values }));
    refuseOffGrid(rule.duration, [...daysOf(rule.days), ...dated], context);
  })
  .transform((rule) => ({ ...rule, days: withoutAbsent(rule.days) }));
