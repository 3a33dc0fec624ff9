import { z } from 'zod';
import type { Catalogue, EventOf } from '../kit/events.ts';
import { instant } from '../kit/events.ts';
import { importEvents } from './import-events.ts';
import { ruleEvents } from './rule-events.ts';
import { stopEvents } from './stop-events.ts';

const interval = z.tuple([z.string(), z.string()]);
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const dayHours = z.union([z.literal('all-day'), z.array(interval)]);

/** A calendar as the API shows it (3.1); a day left out is closed. */
export const businessHours = z.object({
  zone: z.string(),
  weekly: z.partialRecord(z.enum(weekdays), dayHours),
  exceptions: z.array(z.object({ date: z.iso.date(), intervals: z.array(interval) })).default([]),
  holidays: z.array(z.object({ country: z.string(), region: z.string().optional() })).default([]),
});
export type BusinessHours = z.output<typeof businessHours>;

/** A column's value in a stored row; null is inherited. Values are held by the columns of their day, so their types stay open here. */
const value = z.unknown();
/** What a change of a calendar left as it was isn't there. */
const changeOf = <T extends z.ZodType>(part: T) => z.object({ before: part, after: part }).optional();
const hoursChanges = z.object({
  zone: changeOf(businessHours.shape.zone),
  weekly: changeOf(businessHours.shape.weekly),
  exceptions: changeOf(businessHours.shape.exceptions.unwrap()),
  holidays: changeOf(businessHours.shape.holidays.unwrap()),
});
export type HoursChanges = z.output<typeof hoursChanges>;
const changes = z.record(z.string(), z.object({ before: value, after: value }));

/** Queues, calendars and rules, which constrain each other, in the stream `configuration`. */
export const configurationEvents = {
  BusinessHoursCreated: { v: 1, data: z.object({ name: z.string(), hours: businessHours, at: instant }), personal: [] },
  BusinessHoursChanged: { v: 1, data: z.object({ name: z.string(), changes: hoursChanges, at: instant }), personal: [] },
  BusinessHoursDeleted: { v: 1, data: z.object({ name: z.string(), hours: businessHours, at: instant }), personal: [] },
  QueueCreated: { v: 1, data: z.object({ queue: z.string(), settings: z.record(z.string(), value), at: instant }), personal: [] },
  QueueSettingsChanged: { v: 1, data: z.object({ queue: z.string(), changes, at: instant }), personal: [] },
  QueueDeleted: { v: 1, data: z.object({ queue: z.string(), settings: z.record(z.string(), value), at: instant }), personal: [] },
  /** `lastValues`: what the row goes on with, those in force when it was retired. */
  QueueRetired: {
    v: 1,
    data: z.object({
      queue: z.string(),
      settings: z.record(z.string(), value),
      lastValues: z.record(z.string(), value),
      openCallbacks: z.int(),
      at: instant,
    }),
    personal: [],
  },
  QueueReinstated: { v: 1, data: z.object({ queue: z.string(), settings: z.record(z.string(), value), at: instant }), personal: [] },
  ...ruleEvents,
  ...stopEvents,
  ...importEvents,
} as const satisfies Catalogue;

export type ConfigurationEvent = EventOf<typeof configurationEvents>;
export const CONFIGURATION_STREAM = 'configuration';
