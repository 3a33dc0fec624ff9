import { z } from 'zod';
import { isLine } from '../kit/text.ts';
import { LONGEST_SKILL_EXPRESSION, parseSkillExpression } from '../rules/skill-expression.ts';
import { timeOfDay } from '../time/calendar.ts';

const localTime = z
  .string()
  .refine((text) => timeOfDay(text) !== undefined, 'must be a local time from 00:00 to 23:59; the end of a day is 00:00');
const skillExpression = z
  .string()
  .max(LONGEST_SKILL_EXPRESSION)
  .check(({ value, issues }) => {
    const read = parseSkillExpression(value);
    if (!read.ok) issues.push({ code: 'custom', message: `can’t be read at character ${read.position}: ${read.message}`, input: value });
  })
  .describe('Skills that an agent must have, such as spanish > 3 & (sales | service); empty: any ready agent of the queue');
const outcomeMinutes = z.number().min(0.01).max(10_080);

/**
 * The columns of a queue's settings (2.2): type and bounds of each. Every number is bounded here, and the API's description shows it.
 * A column left out of a row, or null, takes the `default` row's value, and failing that the one of `columnDefaults`.
 */
export const columns = {
  immediateEnabled: z.boolean(),
  scheduledEnabled: z.boolean(),
  holdEnabled: z.boolean(),
  loggedInCheck: z.boolean(),
  immediateBlackoutMinutes: z.int().min(0).max(10_080),
  immediateOfferHours: z.string().min(1).max(128),
  callbackPurgeMinutes: z.int().min(1).max(10_080),
  businessHours: z.string().min(1).max(128),
  callbackApplication: z.string().min(1).max(256),
  skillExpression,
  desiredTimeWindowSeconds: z.int().min(0).max(86_400),
  callDisplayName: z.string().max(128),
  callDisplayNumber: z.string().max(32),
  routePoint: z.string().max(256),
  surveyRoutePoint: z.string().max(256),
  callDirection: z.enum(['USERTERMINATED', 'USERORIGINATED']),
  inboundQueue: z.string().min(1).max(128),
  outboundQueue: z.string().min(1).max(128),
  slotCapacity: z.int().min(0).max(100_000),
  slotDurationMinutes: z.literal([5, 10, 15, 20, 30, 60, 120]),
  pushThresholdMinutes: z.number().min(0).max(1440),
  pushedCallbackExpiryMinutes: z.number().min(1).max(1440),
  pushRetrySeconds: z.int().min(1).max(3600),
  maxPushAttempts: z.int().min(1).max(100),
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
  readyHoldSeconds: z.int().min(0).max(3600),
  pacing: z.number().min(0.1).max(1),
  callbackTtlSeconds: z.int().min(0).max(315_360_000).describe('Accepted, and without effect'),
  checks: z.strictObject({
    officeHours: z.boolean().default(false),
    enabledFlags: z.boolean().default(false),
    duplicates: z.enum(['off', 'max2', 'strict']).default('off'),
    minimumLeadMinutes: z.int().min(0).max(43_200).default(0),
    horizonDays: z.int().min(1).max(3650).nullable().default(null),
  }),
  localHours: z.strictObject({ from: localTime, to: localTime }).refine(({ from, to }) => from !== to, 'must not end as it begins'),
} as const;
export type ColumnName = keyof typeof columns;

/** The columns that name business hours, which can't be deleted while a row does. */
export const hoursColumns = ['businessHours', 'immediateOfferHours'] as const satisfies readonly ColumnName[];

/** A direction in either spelling; it is kept in the first (1.1). */
const writtenDirection = z
  .enum([...columns.callDirection.options, 'USER_ORIGINATED'])
  .transform((written) => (written === 'USER_ORIGINATED' ? 'USERORIGINATED' : written));

const line = <T extends z.ZodString>(type: T) => type.refine(isLine, 'must not contain control characters').nullish();
/** Texts that go to other systems: one line each. What was written before this was held is read as it is. */
const writtenTexts = {
  callbackApplication: line(columns.callbackApplication),
  callDisplayName: line(columns.callDisplayName),
  callDisplayNumber: line(columns.callDisplayNumber),
  routePoint: line(columns.routePoint),
  surveyRoutePoint: line(columns.surveyRoutePoint),
  inboundQueue: line(columns.inboundQueue),
  outboundQueue: line(columns.outboundQueue),
};

/** A row as it is written: each column its own value, or inherited when left out. Unknown columns are refused. */
export const settingsRow = z.strictObject({
  ...(Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, type.nullish()])) as {
    [K in ColumnName]: z.ZodOptional<z.ZodNullable<(typeof columns)[K]>>;
  }),
  ...writtenTexts,
  callDirection: writtenDirection.nullish(),
});

/** A row's own values. */
export type OwnSettings = { readonly [K in ColumnName]?: z.output<(typeof columns)[K]> };
/** Every column's value in force; null where neither the row, nor `default`, nor the product has one. */
export type Settings = {
  readonly [K in ColumnName]: K extends NullableColumn ? z.output<(typeof columns)[K]> | null : z.output<(typeof columns)[K]>;
};
type NullableColumn =
  | ('businessHours' | 'immediateOfferHours' | 'callbackApplication' | 'callDisplayName' | 'callDisplayNumber')
  | ('routePoint' | 'surveyRoutePoint' | 'inboundQueue' | 'outboundQueue')
  | ('pushThresholdMinutes' | 'pushedCallbackExpiryMinutes' | 'callbackTtlSeconds' | 'localHours');

export const columnDefaults: Settings = {
  immediateEnabled: true,
  scheduledEnabled: true,
  holdEnabled: true,
  loggedInCheck: false,
  immediateBlackoutMinutes: 60,
  immediateOfferHours: null,
  callbackPurgeMinutes: 120,
  businessHours: null,
  callbackApplication: null,
  skillExpression: '',
  desiredTimeWindowSeconds: 120,
  callDisplayName: null,
  callDisplayNumber: null,
  routePoint: null,
  surveyRoutePoint: null,
  callDirection: 'USERTERMINATED',
  inboundQueue: null,
  outboundQueue: null,
  slotCapacity: 5,
  slotDurationMinutes: 15,
  pushThresholdMinutes: null,
  pushedCallbackExpiryMinutes: null,
  pushRetrySeconds: 30,
  maxPushAttempts: 3,
  maxDialAttempts: 3,
  dialRetryMinutes: 5,
  priority: { initial: 0, increment: 0, everySeconds: 60, limit: 1000 },
  placeWithinSeconds: 10,
  ringLimitSeconds: 60,
  reportLimitSeconds: 120,
  handlingLimitMinutes: 240,
  readyHoldSeconds: 30,
  pacing: 1,
  callbackTtlSeconds: null,
  checks: { officeHours: false, enabledFlags: false, duplicates: 'off', minimumLeadMinutes: 0, horizonDays: null },
  localHours: null,
};
