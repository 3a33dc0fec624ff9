import { z } from 'zod';
import type { Catalogue, EventOf, JsonObject } from '../kit/events.ts';
import { instant } from '../kit/events.ts';
import { booked, hold } from './booked.ts';

export { type Hold, hold, type NumberClaim, numberClaim, offerTimings, offerTypes, type Waits, waits } from './booked.ts';

export const failingOutcomes = [
  'BUSY',
  'NO_ANSWER',
  'ANSWERING_MACHINE',
  'FAX',
  'ERROR_TONE',
  'INVALID_NUMBER',
  'FAILED',
  'TIMEOUT',
] as const;
/** Reasons of CallbackCompleted (1.3); the two of CallbackCancelled are apart. */
export const completionReasons = [
  'AGENT',
  'PURGED_TIMEOUT',
  'PURGED_END_OF_DAY',
  'PUSH_EXPIRED',
  'ATTEMPTS_EXHAUSTED',
  'REJECTED_BY_RULE',
  'ABANDONED',
  'RETIRED',
  'ERASED',
] as const;
export const cancellationReasons = ['CANCELLED_BY_ADMIN', 'CANCELLED_BY_CLIENT'] as const;
/** Why an attempt is put off: the last one may still ring (7.6), or the customer's local hours are over (7.5). */
export const deferrals = ['ATTEMPT_MAY_BE_LIVE', 'LOCAL_HOURS'] as const;
export const openStates = ['SCHEDULED', 'QUEUED', 'ROUTING', 'PROCESSING'] as const;

const queue = z.string();
const attemptId = z.string();

/** Everything that happens to one callback, in the stream `callback-<id>`. */
export const callbackEvents = {
  CallbackBooked: {
    v: 3, // by what may be there, and wasn't before: since 3 zones
    data: booked,
    personal: ['phoneNumber', 'userData', 'pushTargets', 'nameRecording', 'reference'],
    up: { 1: (old) => old, 2: (old) => old },
  },
  /** A hold whose booking or move never came; whoever appends second is refused. */
  BookingLapsed: { v: 1, data: z.object({ queue, holdId: z.string(), at: instant }), personal: [] },
  CallbackRescheduled: {
    v: 1,
    data: z.object({
      queue,
      before: instant,
      desiredTime: instant,
      hold,
      givesBack: hold.nullable(),
      capacityChecked: z.boolean(),
      keyId: z.string(),
      at: instant,
    }),
    personal: [],
  },
  CallbackQueued: {
    v: 1,
    data: z.object({
      queue,
      priority: z.int().nullable(),
      estimatedWaitSeconds: z.number().nullable(),
      position: z.int().nullable().optional(),
      at: instant,
    }),
    personal: [],
  },
  CallbackAttemptStarted: {
    v: 1,
    data: z.object({
      ...{ queue, attemptId, attempt: z.int(), region: z.string().nullable(), placeBy: instant },
      /** What it is placed with; left out where nothing is set. */
      ...{ displayNumber: z.string().optional(), routePoint: z.string().optional(), at: instant },
    }),
    personal: [],
  },
  /** The contact center took the attempt. */
  CallbackAttemptPlaced: { v: 1, data: z.object({ queue, attemptId, at: instant }), personal: [] },
  CallbackAttemptAnswered: { v: 1, data: z.object({ queue, attemptId, reportedAt: instant.optional(), at: instant }), personal: [] },
  /** `counted` is false where the customer's phone was certainly never dialed; `settled`: it surely rings no more, as the contact center said or nothing was sent. */
  CallbackAttemptFailed: {
    v: 1,
    data: z.object({
      queue,
      attemptId,
      attempt: z.int(),
      outcome: z.enum(failingOutcomes),
      cause: z.string().nullable(),
      settled: z.boolean(),
      counted: z.boolean(),
      final: z.boolean(),
      reportedAt: instant.nullable(),
      at: instant,
    }),
    personal: [],
  },
  /** Back in line, at its old place, for the next attempt. */
  CallbackRequeued: { v: 1, data: z.object({ queue, at: instant }), personal: [] },
  /**
   * It isn't called until an instant; its place stays that of its entry. `zones`: those of the customer by which his local hours are over;
   * `placeBy`: that of the attempt which may still ring.
   */
  CallbackDeferred: {
    v: 4, // by what may be there, and wasn't before: since 2 the second reason, since 3 zones, since 4 placeBy
    data: z.object({
      ...{ queue, until: instant, because: z.enum(deferrals), at: instant },
      ...{ zones: z.array(z.string()).optional(), placeBy: instant.optional() },
    }),
    personal: [],
    up: { 1: (old: JsonObject) => old, 2: (old: JsonObject) => old, 3: (old: JsonObject) => old },
  },
  CallbackConnected: {
    v: 1,
    data: z.object({ queue, attemptId, agentId: z.string().nullable(), reportedAt: instant.nullable(), at: instant }),
    personal: [],
  },
  CallbackAttemptWithdrawn: { v: 1, data: z.object({ queue, attemptId, reportedAt: instant.nullable(), at: instant }), personal: [] },
  /** The connector was told that the attempt is no longer wanted, or could not be told while that still mattered. */
  CallbackWithdrawRequested: { v: 1, data: z.object({ queue, attemptId, delivered: z.boolean(), at: instant }), personal: [] },
  /** A late, or contradictory report: recorded, and nothing changes. */
  CallbackReportDisregarded: {
    v: 1,
    data: z.object({ queue, attemptId, report: z.string(), because: z.string(), reportedAt: instant.nullable(), at: instant }),
    personal: [],
  },
  CallbackCancelled: {
    v: 1,
    data: z.object({
      queue,
      reason: z.enum(cancellationReasons),
      stateBefore: z.enum(openStates),
      withdraws: attemptId.nullable(),
      givesBack: hold.nullable(),
      at: instant,
    }),
    personal: [],
  },
  CallbackCompleted: {
    v: 1,
    data: z.object({
      queue,
      reason: z.enum(completionReasons),
      stateBefore: z.enum(openStates),
      endedBy: z.enum(['AGENT', 'CUSTOMER']).nullable(),
      unreported: z.boolean(),
      withdraws: attemptId.nullable(),
      givesBack: hold.nullable(),
      reportedAt: instant.nullable(),
      at: instant,
    }),
    personal: [],
  },
  /** Its time to live is over (1.13): it leaves lists and searches, and the key of its personal data goes. */
  CallbackRetired: { v: 1, data: z.object({ queue, keyId: z.string(), at: instant }), personal: [] },
  /** A person asked to be forgotten: the key of the personal data goes at once. */
  PersonalDataErased: { v: 1, data: z.object({ queue, keyId: z.string(), at: instant }), personal: [] },
} as const satisfies Catalogue;

export type CallbackEvent = EventOf<typeof callbackEvents>;
export type CallbackEventData<T extends CallbackEvent['type']> = Extract<CallbackEvent, { type: T }>['data'];
export type FailingOutcome = (typeof failingOutcomes)[number];
export type Deferral = (typeof deferrals)[number];
export type OpenState = (typeof openStates)[number];

const STREAM = 'callback-';
export const callbackStream = (id: string): string => STREAM + id;
export const isCallbackStream = (streamId: string): boolean => streamId.startsWith(STREAM);
export const callbackIdOf = (streamId: string): string => streamId.slice(STREAM.length);

/** Attempts are numbered within their callback, so that a report naming one alone finds its stream. */
export const attemptIdOf = (callbackId: string, attempt: number): string => `${callbackId}.${attempt}`;

/** The callback and number that an attempt's id names; undefined for what can't be one. */
export const parseAttemptId = (id: string): { callbackId: string; attempt: number } | undefined => {
  const [, callbackId, attempt] = /^(.+)\.([1-9]\d{0,5})$/.exec(id) ?? [];
  return callbackId === undefined || attempt === undefined ? undefined : { callbackId, attempt: Number(attempt) };
};
