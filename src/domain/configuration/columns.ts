import { z } from 'zod';

const outcomeMinutes = z.number().min(0.01).max(10_080);

/**
 * The columns of a queue's settings (2.2): type and bounds of each. Every number is bounded here, and the API's description shows it.
 * A column left out of a row, or null, takes the `default` row's value, and failing that the one of `columnDefaults`.
 */
export const columns = {
  businessHours: z.string().min(1).max(128),
  callbackApplication: z.string().min(1).max(256),
  /** Only the empty one, any ready agent of the queue, until expressions are read. */
  skillExpression: z.literal(''),
  desiredTimeWindowSeconds: z.int().min(0).max(86_400),
  callDisplayName: z.string().max(128),
  callDisplayNumber: z.string().max(32),
  routePoint: z.string().max(256),
  surveyRoutePoint: z.string().max(256),
  slotCapacity: z.int().min(0).max(100_000),
  slotDurationMinutes: z.literal([5, 10, 15, 20, 30, 60, 120]),
  maxDialAttempts: z.int().min(1).max(100),
  dialRetryMinutes: z.union([
    outcomeMinutes,
    z.strictObject({
      default: outcomeMinutes,
      busy: outcomeMinutes.optional(),
      noAnswer: outcomeMinutes.optional(),
      machine: outcomeMinutes.optional(),
      error: outcomeMinutes.optional(),
    }),
  ]),
  priority: z.strictObject({
    initial: z.int().min(0).max(1000),
    increment: z.int().min(0).max(1000),
    everySeconds: z.int().min(1).max(86_400),
    limit: z.int().min(0).max(1000),
  }),
  placeWithinSeconds: z.int().min(1).max(3600),
  ringLimitSeconds: z.int().min(5).max(3600),
  reportLimitSeconds: z.int().min(5).max(86_400),
  handlingLimitMinutes: z.int().min(1).max(10_080),
  pacing: z.number().min(0.1).max(1),
} as const;
export type ColumnName = keyof typeof columns;

/** A row as it is written: each column its own value, or inherited when left out. Unknown columns are refused. */
export const settingsRow = z.strictObject({
  ...(Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, type.nullish()])) as {
    [K in ColumnName]: z.ZodOptional<z.ZodNullable<(typeof columns)[K]>>;
  }),
});

/** A row's own values. */
export type OwnSettings = { readonly [K in ColumnName]?: z.output<(typeof columns)[K]> };
/** Every column's value in force; null where neither the row, nor `default`, nor the product has one. */
export type Settings = {
  readonly [K in ColumnName]: K extends NullableColumn ? z.output<(typeof columns)[K]> | null : z.output<(typeof columns)[K]>;
};
type NullableColumn = 'businessHours' | 'callbackApplication' | 'callDisplayName' | 'callDisplayNumber' | 'routePoint' | 'surveyRoutePoint';

export const columnDefaults: Settings = {
  businessHours: null,
  callbackApplication: null,
  skillExpression: '',
  desiredTimeWindowSeconds: 120,
  callDisplayName: null,
  callDisplayNumber: null,
  routePoint: null,
  surveyRoutePoint: null,
  slotCapacity: 5,
  slotDurationMinutes: 15,
  maxDialAttempts: 3,
  dialRetryMinutes: 5,
  priority: { initial: 0, increment: 0, everySeconds: 60, limit: 1000 },
  placeWithinSeconds: 10,
  ringLimitSeconds: 60,
  reportLimitSeconds: 120,
  handlingLimitMinutes: 240,
  pacing: 1,
};
