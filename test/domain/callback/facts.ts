import type { CallbackCommand } from '../../../src/domain/callback/commands.ts';
import { attemptIdOf, type CallbackEvent, type CallbackEventData, type Hold } from '../../../src/domain/callback/events.ts';

type Command<T extends CallbackCommand['type']> = Extract<CallbackCommand, { type: T }>;
type Some<T extends CallbackEvent['type']> = Partial<CallbackEventData<T>>;

export const NOW = '2026-03-02T10:00:00.000Z';
export const ID = 'c-1';
export const queue = 'sales';
/** The instant so many seconds after `from`. */
export const later = (seconds: number, from = NOW): string => new Date(Date.parse(from) + seconds * 1000).toISOString();
export const attemptId = (attempt: number): string => attemptIdOf(ID, attempt);
export const holdAt = (instant: string, holdId = 'h-1'): Hold => ({ holdId, instant, day: instant.slice(0, 10) });

export const immediate: Command<'BookCallback'>['booking'] = {
  ...{ queue, kind: 'IMMEDIATE', direction: 'USERTERMINATED', desiredTime: NOW, language: 'en-US' },
  offer: {
    ...{ type: 'ASAP', timing: null, thresholdSeconds: null, inboundQueue: null, channel: 'web', originationInteractionId: null },
    estimatedWaitSeconds: 90,
  },
  overrides: { priority: 7, routePoint: null, surveyRoutePoint: null },
  number: { country: 'US', callingCode: '1', area: '212', type: 'FIXED_LINE_OR_MOBILE' },
  ...{ hold: null, capacityChecked: false, bodyHash: null, keyId: 'k-1' },
  ...{ phoneNumber: '+12125550123', userData: { colour: 'green' }, pushTargets: [] },
};
export const desired = later(3600);
export const scheduled: typeof immediate = { ...immediate, kind: 'SCHEDULED', desiredTime: desired, hold: holdAt(desired) };

const placeBy = later(10);
const reported = { reportedAt: null, at: NOW };

export const booked = (booking = immediate): CallbackEvent => ({ type: 'CallbackBooked', data: { ...booking, at: NOW } });
export const lapsed = (holdId = 'h-1'): CallbackEvent => ({ type: 'BookingLapsed', data: { queue, holdId, at: NOW } });
export const queued: CallbackEvent = { type: 'CallbackQueued', data: { queue, priority: 7, estimatedWaitSeconds: 90, at: NOW } };
export const started = (attempt = 1): CallbackEvent => ({
  type: 'CallbackAttemptStarted',
  data: { queue, attemptId: attemptId(attempt), attempt, region: null, placeBy, at: NOW },
});
export const placed = (attempt = 1): CallbackEvent => ({
  type: 'CallbackAttemptPlaced',
  data: { queue, attemptId: attemptId(attempt), at: NOW },
});
export const answered = (attempt = 1): CallbackEvent => ({
  type: 'CallbackAttemptAnswered',
  data: { queue, attemptId: attemptId(attempt), at: NOW },
});
export const failed = (attempt = 1, some: Some<'CallbackAttemptFailed'> = {}): CallbackEvent => ({
  type: 'CallbackAttemptFailed',
  data: {
    ...{ queue, attemptId: attemptId(attempt), attempt, outcome: 'BUSY', cause: null },
    ...{ settled: true, counted: true, final: false, ...reported, ...some },
  },
});
export const timedOut = (attempt = 1, some: Some<'CallbackAttemptFailed'> = {}): CallbackEvent =>
  failed(attempt, { outcome: 'TIMEOUT', settled: false, ...some });
export const requeued: CallbackEvent = { type: 'CallbackRequeued', data: { queue, at: NOW } };
export const connected = (attempt = 1, some: Some<'CallbackConnected'> = {}): CallbackEvent => ({
  type: 'CallbackConnected',
  data: { queue, attemptId: attemptId(attempt), agentId: 'agent-1', ...reported, ...some },
});
export const withdrawn = (attempt = 1, some: Some<'CallbackAttemptWithdrawn'> = {}): CallbackEvent => ({
  type: 'CallbackAttemptWithdrawn',
  data: { queue, attemptId: attemptId(attempt), ...reported, ...some },
});
export const disregarded = (report: string, because: string, attempt = 1): CallbackEvent => ({
  type: 'CallbackReportDisregarded',
  data: { queue, attemptId: attemptId(attempt), report, because, ...reported },
});
export const cancelled = (some: Some<'CallbackCancelled'> = {}): CallbackEvent => ({
  type: 'CallbackCancelled',
  data: { queue, reason: 'CANCELLED_BY_ADMIN', stateBefore: 'QUEUED', withdraws: null, givesBack: null, at: NOW, ...some },
});
export const completed = (some: Some<'CallbackCompleted'> = {}): CallbackEvent => ({
  type: 'CallbackCompleted',
  data: {
    ...{ queue, reason: 'AGENT', stateBefore: 'PROCESSING', endedBy: 'AGENT', unreported: false },
    ...{ withdraws: null, givesBack: null, ...reported, ...some },
  },
});

export const retired: CallbackEvent = { type: 'CallbackRetired', data: { queue, keyId: 'k-1', at: NOW } };
export const erased: CallbackEvent = { type: 'PersonalDataErased', data: { queue, keyId: 'k-1', at: NOW } };

/** Histories by where they lead. */
export const waiting: readonly CallbackEvent[] = [booked(), queued];
export const held: readonly CallbackEvent[] = [booked(scheduled)];
export const ringing: readonly CallbackEvent[] = [...waiting, started(), placed()];
export const talking: readonly CallbackEvent[] = [...ringing, answered(), connected()];
export const done: readonly CallbackEvent[] = [...talking, completed()];

export const fail = (some: Partial<Command<'FailAttempt'>> = {}): CallbackCommand => ({
  ...{ type: 'FailAttempt', attemptId: attemptId(1), outcome: 'BUSY', cause: null },
  ...{ settled: true, counted: true, reportedAt: null, maxDialAttempts: 3, now: NOW, ...some },
});
export const reportAnswered = (attempt = 1): CallbackCommand => ({
  type: 'ReportAnswered',
  attemptId: attemptId(attempt),
  reportedAt: null,
  now: NOW,
});
export const reportConnected = (attempt = 1, agentId = 'agent-1'): CallbackCommand => ({
  ...{ type: 'ReportConnected', attemptId: attemptId(attempt), agentId, reportedAt: null, now: NOW },
});
export const reportEnded = (by: 'AGENT' | 'CUSTOMER', attempt = 1): CallbackCommand => ({
  ...{ type: 'ReportEnded', attemptId: attemptId(attempt), by, reportedAt: null, now: NOW },
});
export const reportWithdrawn = (attempt = 1): CallbackCommand => ({
  type: 'ReportWithdrawn',
  attemptId: attemptId(attempt),
  reportedAt: null,
  now: NOW,
});
export const startAttempt = (attempt = 1, deferral?: Command<'StartAttempt'>['deferral']): CallbackCommand => ({
  ...{ type: 'StartAttempt', attemptId: attemptId(attempt), attempt, region: null, placeBy, now: NOW },
  ...(deferral === undefined ? {} : { deferral }),
});
/** It waits beside the line for the customer's local hours. */
export const deferredToLocalHours = (until: string): CallbackEvent => ({
  type: 'CallbackDeferred',
  data: { queue, until, because: 'LOCAL_HOURS', zones: ['Europe/Paris'], at: NOW },
});
export const lapseAttempt = (attempt = 1): CallbackCommand => ({
  ...{ type: 'LapseAttempt', attemptId: attemptId(attempt), attempt, region: null, placeBy, now: NOW },
});
export const requeue = (attempt = 1, now = NOW): CallbackCommand => ({
  ...{ type: 'RequeueCallback', attemptId: attemptId(attempt), ringLimitSeconds: 60, now },
});
