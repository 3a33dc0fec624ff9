import { z } from 'zod';
import { instant } from '../kit/events.ts';

export const offerTypes = ['ASAP', 'SCHEDULED', 'COMBINED_SCHEDULED_AND_ASAP'] as const;
export const offerTimings = ['OFF-HOURS', 'ON-HOURS'] as const;

const queue = z.string();

/** How a queue stood when something happened; null is unknown. `position` is 1 for the first in line. */
export const waits = z.object({ estimatedWaitSeconds: z.number().nullable(), position: z.int().nullable() });
export type Waits = z.output<typeof waits>;

/** A place held in a slot: `instant` is the desired time it was taken for, `day` the UTC day that its stream is named after. */
export const hold = z.object({ holdId: z.string(), instant, day: z.iso.date() });
export type Hold = z.output<typeof hold>;

/** A claim on the callback's number, in a queue that looks for duplicates (1.7): `number` is a keyed hash of queue and number. */
export const numberClaim = z.object({ claimId: z.string(), number: z.string() });
export type NumberClaim = z.output<typeof numberClaim>;

/** What is known of a callback as it is booked. */
export const booked = z.object({
  queue,
  kind: z.enum(['IMMEDIATE', 'SCHEDULED']),
  direction: z.enum(['USERTERMINATED', 'USERORIGINATED']),
  desiredTime: instant,
  offer: z.object({
    type: z.enum(offerTypes),
    timing: z.enum(offerTimings).nullable(),
    thresholdSeconds: z.number().nullable(),
    inboundQueue: z.string().nullable(),
    channel: z.string().nullable(),
    originationInteractionId: z.string().nullable(),
    /** Of the inbound queue, or of the queue itself where none was named. */
    estimatedWaitSeconds: z.number().nullable(),
  }),
  language: z.string(),
  overrides: z.object({ priority: z.int().nullable(), routePoint: z.string().nullable(), surveyRoutePoint: z.string().nullable() }),
  number: z.object({ country: z.string().nullable(), callingCode: z.string(), area: z.string().nullable(), type: z.string().nullable() }),
  waits: waits.optional(),
  hold: hold.nullable(),
  claim: numberClaim.optional(),
  /** The callback that it was recreated from. */
  origin: z.string().optional(),
  capacityChecked: z.boolean(),
  bodyHash: z.string().nullable(),
  /** The number under another name for each API key and UTC day, where a limit of the key counts it (1.8). */
  numberHash: z.string().optional(),
  /** The customer's time zones, for local hours (7.5): the one given at booking, or those that the number may be in. */
  zones: z.array(z.string()).optional(),
  keyId: z.string(),
  phoneNumber: z.string().nullable(),
  userData: z.record(z.string(), z.unknown()).nullable(),
  pushTargets: z.array(z.object({ channel: z.literal('FCM'), target: z.string() })).nullable(),
  /** Opaque: where the recording of the customer's name lies. */
  nameRecording: z.string().nullable().optional(),
  /** Its id in the system that it was taken over from. */
  reference: z.string().nullable().optional(),
  at: instant,
});
