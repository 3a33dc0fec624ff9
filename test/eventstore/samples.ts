import type { DomainEvent, EventType } from '../../src/domain/catalogue.ts';
import type { CommandContext } from '../../src/eventstore/codec.ts';

type DataOf<T extends EventType> = Extract<DomainEvent, { type: T }>['data'];

const at = '2026-03-02T10:00:00.000Z';
const desiredTime = '2026-03-02T11:00:00.000Z';
const queue = 'sales';
const keyId = '0b54a7a1-7a54-4f6c-8d2c-0f6f6a1b2c3d';
const attemptId = 'c-1.2';
const placeBy = '2026-03-02T10:00:10.000Z';
const hold = { holdId: 'h-1', instant: desiredTime, day: '2026-03-02' };
const moved = { holdId: 'h-2', instant: '2026-03-02T12:00:00.000Z', day: '2026-03-02' };

const eveningsRule = {
  duration: 30 as const,
  days: { mon: { '18:00': 5, '18:30': 4 }, fri: { '20:00': 0 } },
  exceptions: [{ date: '2026-12-24', values: { '09:30': 3 } }],
};

/** The number in the samples: its digits must be found nowhere in what is stored. */
export const sampleNumber = '+12125550123';

/** One event of every type, with a value in every field that can have one. */
export const samples: { readonly [T in EventType]: DataOf<T> } = {
  CallbackBooked: {
    ...{ queue, kind: 'SCHEDULED', direction: 'USERTERMINATED', desiredTime, language: 'en-US' },
    offer: {
      ...{ type: 'COMBINED_SCHEDULED_AND_ASAP', timing: 'ON-HOURS', thresholdSeconds: 120.5, inboundQueue: 'sales-in', channel: 'web' },
      ...{ originationInteractionId: 'ixn-1', estimatedWaitSeconds: 300 },
    },
    overrides: { priority: 7, routePoint: 'rp-1', surveyRoutePoint: 'rp-2' },
    number: { country: 'US', callingCode: '1', area: '212', type: 'FIXED_LINE_OR_MOBILE' },
    waits: { estimatedWaitSeconds: 280, position: 4 },
    ...{
      hold,
      claim: { claimId: 'cl-1', number: 'n0mber' },
      origin: 'c-0',
      capacityChecked: true,
      bodyHash: 'b0dy',
      numberHash: 'n0mber',
      zones: ['America/New_York'],
      keyId,
      phoneNumber: sampleNumber,
    },
    userData: { colour: 'green', nested: { list: [1, 'two', null] } },
    ...{ pushTargets: [{ channel: 'FCM', target: 'push-target-1' }], nameRecording: 'recordings/7', reference: 'theirs-42', at },
  },
  BookingLapsed: { queue, holdId: 'h-1', at },
  CallbackRescheduled: {
    ...{ queue, before: desiredTime, desiredTime: moved.instant, hold: moved, givesBack: hold },
    ...{ capacityChecked: true, keyId, at },
  },
  CallbackQueued: { queue, priority: 7, estimatedWaitSeconds: 90, position: 3, at },
  CallbackAttemptStarted: { queue, attemptId, attempt: 2, region: 'eu', placeBy, displayNumber: '8000', routePoint: 'rp-1', at },
  CallbackAttemptPlaced: { queue, attemptId, at },
  CallbackAttemptAnswered: { queue, attemptId, reportedAt: '2026-03-02T09:59:59.000Z', at },
  CallbackAttemptFailed: {
    ...{ queue, attemptId, attempt: 2, outcome: 'FAILED', cause: 'HTTP_404', settled: true, counted: false, final: true },
    ...{ reportedAt: '2026-03-02T09:59:59.000Z', at },
  },
  CallbackRequeued: { queue, at },
  CallbackDeferred: { queue, until: '2026-03-02T10:01:10.000Z', because: 'LOCAL_HOURS', zones: ['Europe/Paris'], placeBy: at, at },
  CallbackConnected: { queue, attemptId, agentId: 'agent-7', reportedAt: '2026-03-02T09:59:59.000Z', at },
  CallbackAttemptWithdrawn: { queue, attemptId, reportedAt: '2026-03-02T09:59:59.000Z', at },
  CallbackWithdrawRequested: { queue, attemptId, delivered: true, at },
  CallbackReportDisregarded: { queue, attemptId, report: 'BUSY', because: 'ATTEMPT_OVER', reportedAt: '2026-03-02T09:59:59.000Z', at },
  CallbackCancelled: { queue, reason: 'CANCELLED_BY_ADMIN', stateBefore: 'ROUTING', withdraws: attemptId, givesBack: hold, at },
  CallbackCompleted: {
    ...{ queue, reason: 'AGENT', stateBefore: 'PROCESSING', endedBy: 'CUSTOMER', unreported: false, withdraws: attemptId },
    ...{ givesBack: hold, reportedAt: '2026-03-02T09:59:59.000Z', at },
  },
  CallbackRetired: { queue, keyId, at },
  PersonalDataErased: { queue, keyId, at },
  ParkedEntryRetried: { process: 'attempt_limits', instance: 'c-1', entry: 'report', cause: '5e0c9f9e-1d5f-4b9f-8a52-0c4c5f6d7e8f', at },
  ParkedEntryDropped: { process: 'attempt_limits', instance: 'c-1', entry: 'report', cause: '5e0c9f9e-1d5f-4b9f-8a52-0c4c5f6d7e8f', at },
  PlaceTaken: {
    ...{ queue, callbackId: 'c-1', holdId: 'h-1', instant: desiredTime, day: '2026-03-02', checked: true, decidedAt: 3, at },
  },
  PlaceGivenBack: { queue, callbackId: 'c-1', holdId: 'h-1', instant: desiredTime, because: 'LAPSED', at },
  NumberClaimed: { queue, callbackId: 'c-1', claimId: 'cl-1', number: 'n0mber', most: 2, decidedAt: 3, at },
  NumberReleased: { queue, callbackId: 'c-1', claimId: 'cl-1', number: 'n0mber', because: 'LAPSED', at },
  AttemptDecided: {
    ...{ queue, callbackId: 'c-1', attemptId, attempt: 2, region: 'eu', placeBy, basedOn: { readyAgents: 4, inFlight: 1 }, at },
  },
  AttemptVoided: { queue, callbackId: 'c-1', attemptId, at },
  BusinessDayClosed: { queue, day: '2026-03-02', closedAt: '2026-03-02T17:00:00.000Z', at: '2026-03-02T17:00:00.012Z' },
  BusinessDayPurged: { queue, day: '2026-03-02', closedAt: '2026-03-02T17:00:00.000Z', at: '2026-03-02T17:00:02.000Z' },
  DoNotCallEntryAdded: { entry: 'h4sh', keyId, phoneNumber: sampleNumber, at },
  DoNotCallEntryRemoved: { entry: 'h4sh', keyId, at },
  BusinessHoursCreated: {
    name: 'office',
    hours: {
      zone: 'Europe/Paris',
      weekly: {
        mon: [
          ['09:00', '12:00'],
          ['13:00', '17:30'],
        ],
        sat: 'all-day',
      },
      exceptions: [{ date: '2026-12-24', intervals: [['09:00', '12:00']] }],
      holidays: [{ country: 'FR', region: 'A' }],
    },
    at,
  },
  BusinessHoursChanged: {
    name: 'office',
    changes: {
      zone: { before: 'Europe/Paris', after: 'Asia/Kathmandu' },
      weekly: { before: { sat: 'all-day' }, after: { fri: [['22:00', '02:00']] } },
      exceptions: { before: [], after: [{ date: '2026-12-24', intervals: [] }] },
      holidays: { before: [{ country: 'FR', region: 'A' }], after: [] },
    },
    at,
  },
  BusinessHoursDeleted: { name: 'office', hours: { zone: 'UTC', weekly: {}, exceptions: [], holidays: [{ country: 'FR' }] }, at },
  QueueCreated: { queue, settings: { pacing: 0.5, businessHours: 'office' }, at },
  QueueSettingsChanged: { queue, changes: { pacing: { before: 0.5, after: null } }, at },
  QueueDeleted: { queue, settings: { businessHours: 'office' }, at },
  QueueRetired: { queue, settings: { pacing: 0.5 }, lastValues: { pacing: 0.5, businessHours: 'office' }, openCallbacks: 3, at },
  QueueReinstated: { queue, settings: { pacing: 0.5 }, at },
  ImportBegun: { importId: 'i-1', changes: 2000, at },
  ImportPartAdded: { importId: 'i-1', changes: [{ type: 'QueueCreated', v: 1, data: { queue, settings: { pacing: 0.5 }, at } }], at },
  ImportCommitted: { importId: 'i-1', at },
  NumberRuleCreated: { name: 'na', rule: { countries: ['CA', 'US'], blockedPatterns: ['^1900', '555'] }, at },
  NumberRuleChanged: {
    name: 'na',
    before: { countries: ['CA', 'US'], blockedPatterns: ['^1900'] },
    after: { countries: ['US'], blockedPatterns: [] },
    at,
  },
  NumberRuleDeleted: { name: 'na', rule: { countries: ['US'], blockedPatterns: ['^1900'] }, at },
  NumberRuleAssigned: { queue, name: 'na', before: 'world', at },
  NumberRuleUnassigned: { queue, name: 'na', at },
  CapacityRuleCreated: { name: 'evenings', rule: eveningsRule, at },
  CapacityRuleChanged: { name: 'evenings', before: eveningsRule, after: { duration: 60, days: { sun: {} }, exceptions: [] }, at },
  CapacityRuleDeleted: { name: 'evenings', rule: eveningsRule, at },
  CapacityRuleAssigned: { queue, name: 'evenings', before: 'mornings', at },
  CapacityRuleUnassigned: { queue, name: 'evenings', at },
  RegionRuleCreated: { name: 'eu first', rule: { preferred: ['eu'], fallback: ['us', 'ap'], ignored: ['sa'] }, at },
  RegionRuleChanged: {
    name: 'eu first',
    before: { preferred: ['eu'], fallback: ['us'], ignored: [] },
    after: { preferred: ['eu', 'us'], fallback: [], ignored: ['sa'] },
    at,
  },
  RegionRuleDeleted: { name: 'eu first', rule: { preferred: ['eu'], fallback: ['us'], ignored: ['sa'] }, at },
  RegionRuleAssigned: { queue, name: 'eu first', before: 'us first', at },
  RegionRuleUnassigned: { queue, name: 'eu first', at },
  DialingStopped: { queue, reason: 'the lines are down', at },
  DialingResumed: { queue, reason: 'all is well', at },
  ApiKeyCreated: {
    ...{ keyName: 'api', apiKeyId: 'k-1', hash: 'h4sh', rights: ['callbacks', 'connector'], origins: ['https://www.example.com'] },
    ...{ expiresAt: desiredTime, limits: { immediatePerNumberPerDay: 6, bookingsPerQueuePerMinute: 500 }, bootstrap: true, at },
  },
  ApiKeyRevoked: { keyName: 'api', apiKeyId: 'k-1', at },
  UserPut: { user: 'ann', passwordHash: 'scrypt$32768$8$1$c2FsdA$h4sh', groups: ['Supervisors', 'Team A'], at },
  UserDeleted: { user: 'ann', at },
  UserTokenIssued: { user: 'admin', tokenId: 't-1', hash: 'h4sh', expiresAt: desiredTime, bootstrap: true, at },
  UserTokenRevoked: { user: 'admin', tokenId: 't-1', at },
  AccessGroupPut: {
    ...{ group: 'Team A', roles: ['Supervisor'], members: ['ann'], at },
    reads: [{ queue }, { folder: 'Europe', propagate: true, covers: [] }, { folder: 'Asia', propagate: false, covers: ['support'] }],
  },
  AccessGroupDeleted: { group: 'Team A', at },
  FolderPut: { folder: 'Europe', parent: 'World', queues: [queue], at },
  FolderDeleted: { folder: 'Europe', at },
  SignInFailed: { user: 'ann', because: 'WRONG_PASSWORD', at },
  AccountLocked: { user: 'ann', until: placeBy, at },
  UserSignedOutEverywhere: { user: 'ann', at },
  PersonalDataRead: {
    ...{ kind: 'SEARCH', operation: 'listCallbacks', callbackId: 'c-1', filters: { queue: [queue], column: ['phoneNumber'] } },
    ...{ searched: 'h4sh', rows: 3, queue, at },
  },
};

/** The sample of a type as an event. */
export const sampleOf = (type: EventType): DomainEvent => ({ type, data: samples[type] }) as DomainEvent; // type and data of one row

export const context: CommandContext = {
  ...{ commandId: 'command-1', correlationId: 'request-1', causationId: 'cause-1' },
  ...{ actor: { kind: 'user', id: 'u-1', name: 'ann' }, reason: 'as asked by phone' },
};
