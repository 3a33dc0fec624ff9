import { describe, expect, it } from 'vitest';
import type { CallbackEvent, FailingOutcome } from '../../src/domain/callback/events.ts';
import type { DomainEvent } from '../../src/domain/catalogue.ts';
import { attemptDecisions } from '../../src/processes/attempt-decisions.ts';
import { attemptLimits } from '../../src/processes/attempt-limits.ts';
import { attemptRetries } from '../../src/processes/attempt-retries.ts';
import { attemptWithdrawals } from '../../src/processes/attempt-withdrawals.ts';
import { businessDays } from '../../src/processes/business-days.ts';
import type { Process, Todo } from '../../src/processes/kit/process.ts';
import { placeHolds } from '../../src/processes/place-holds.ts';
import { purge } from '../../src/processes/purge.ts';
import { retention } from '../../src/processes/retention.ts';
import { startScheduled } from '../../src/processes/start-scheduled.ts';
import {
  answered,
  attemptId,
  booked,
  cancelled,
  completed,
  connected,
  deferredToLocalHours,
  desired,
  done,
  erased,
  failed,
  held,
  holdAt,
  ID,
  lapsed,
  later,
  NOW,
  queue,
  queued,
  requeued,
  retired,
  ringing,
  scheduled,
  started,
  talking,
  timedOut,
  waiting,
  withdrawn,
} from '../domain/callback/facts.ts';
import { memoryLog } from '../live/log.ts';
import { owed } from './owed.ts';

type On = readonly (CallbackEvent | { readonly on: string; readonly event: DomainEvent })[];
/** What a process owes the callback after events on its stream, or on another one that is named. */
const owedAfter = <S, C>(process: Process<S, C>, ...events: On): Readonly<Record<string, Todo<C>>> => {
  const log = memoryLog();
  return owed(
    process,
    events.flatMap((one) => ('on' in one ? log.append(one.on, one.event) : log.append(`callback-${ID}`, one))),
    ID,
  );
};

const moved = (to: string, holdId = 'h-2'): CallbackEvent => ({
  type: 'CallbackRescheduled',
  data: {
    queue,
    before: desired,
    desiredTime: to,
    hold: holdAt(to, holdId),
    givesBack: holdAt(desired),
    capacityChecked: true,
    keyId: 'k-1',
    at: NOW,
  },
});
const withdrawRequested: CallbackEvent = {
  type: 'CallbackWithdrawRequested',
  data: { queue, attemptId: attemptId(1), delivered: true, at: NOW },
};
const deferred = {
  type: 'CallbackDeferred',
  data: { queue, until: later(70), because: 'ATTEMPT_MAY_BE_LIVE', placeBy: later(10), at: NOW },
} as const satisfies CallbackEvent;

describe('starting scheduled callbacks', () => {
  const start = (desiredTime: string) => ({
    start: { group: `start:${queue}`, anchor: desiredTime, command: { type: 'QueueCallback', callbackId: ID, queue, desiredTime } },
  });
  it('is owed at the desired time', () => expect(owedAfter(startScheduled, ...held)).toEqual(start(desired)));
  it('moves with the callback', () => expect(owedAfter(startScheduled, ...held, moved(later(7200)))).toEqual(start(later(7200))));
  it.each([
    ['an immediate one', waiting],
    ['one that waits', [...held, queued]],
    ['one that was cancelled', [...held, cancelled()]],
    ['one that is over', [...held, completed({ reason: 'ERASED' })]],
  ])('is not owed to %s', (_, history) => expect(owedAfter(startScheduled, ...history)).toEqual({}));
});

describe('the limits of an attempt', () => {
  const report = { group: `report:${queue}`, anchor: NOW, command: { type: 'TimeOutAttempt', attemptId: attemptId(1), queue } };
  const handling = { group: `handling:${queue}`, anchor: NOW, command: { type: 'EndUnreported', attemptId: attemptId(1) } };
  it('is that of the report from its start on', () => {
    expect(owedAfter(attemptLimits, ...waiting, started())).toEqual({ report });
    expect(owedAfter(attemptLimits, ...ringing)).toEqual({ report });
  });
  it('is that of the handling once it was answered, and again once connected', () => {
    expect(owedAfter(attemptLimits, ...ringing, answered())).toEqual({ handling });
    expect(owedAfter(attemptLimits, ...ringing, answered(), connected(1, { at: later(5) }))).toEqual({
      handling: { ...handling, anchor: later(5) },
    });
  });
  it.each([
    ['failed', [...ringing, failed()]],
    ['was withdrawn', [...ringing, withdrawn()]],
    ['was cancelled', [...ringing, cancelled()]],
    ['ended', done],
  ])('is none once it %s', (_, history) => expect(owedAfter(attemptLimits, ...history)).toEqual({}));
});

describe('retries', () => {
  const retry = (group: string, anchor = NOW) => ({
    retry: { group, anchor, command: { type: 'RequeueCallback', attemptId: attemptId(1), queue } },
  });
  const classes: Readonly<Record<FailingOutcome, string>> = {
    ...{ BUSY: 'busy', NO_ANSWER: 'noAnswer', TIMEOUT: 'noAnswer', ANSWERING_MACHINE: 'machine', FAX: 'machine' },
    ...{ ERROR_TONE: 'error', INVALID_NUMBER: 'error', FAILED: 'error' },
  };
  it.each(Object.entries(classes) as [FailingOutcome, string][])('%s waits by the delay of %s', (outcome, name) =>
    expect(owedAfter(attemptRetries, ...ringing, failed(1, { outcome }))).toEqual(retry(`retry:${name}:${queue}`)),
  );
  it('of an attempt that may still ring waits until it can’t by the ring limit of the moment, or was withdrawn', () => {
    const putOff = [...ringing, timedOut(), deferred];
    expect(owedAfter(attemptRetries, ...putOff)).toEqual(retry(`ring:${queue}`, later(10)));
    const { placeBy, ...before } = deferred.data;
    const older: CallbackEvent = { type: 'CallbackDeferred', data: before };
    expect(owedAfter(attemptRetries, ...ringing, timedOut(), older)).toEqual(retry('at-once', later(70)));
    expect(owedAfter(attemptRetries, ...putOff, withdrawn(1, { at: later(20) }))).toEqual(retry('at-once', later(20)));
  });
  it('that waits for its delay goes on doing so when the attempt is withdrawn', () =>
    expect(owedAfter(attemptRetries, ...ringing, timedOut(), withdrawn())).toEqual(retry(`retry:noAnswer:${queue}`)));
  it.each([
    ['the last attempt', [...ringing, failed(1, { final: true })]],
    ['one that is in line again', [...ringing, failed(), requeued]],
    ['one that was cancelled meanwhile', [...ringing, failed(), cancelled()]],
    ['one that is over', [...ringing, failed(), completed({ reason: 'RETIRED' })]],
  ])('is not owed to %s', (_, history) => expect(owedAfter(attemptRetries, ...history)).toEqual({}));
});

describe('withdrawals', () => {
  const withdraw = {
    withdraw: { group: 'at-once', anchor: NOW, command: { type: 'WithdrawAttempt', attemptId: attemptId(1), since: NOW } },
  };
  it.each([
    ['cancelled while it rang', [...ringing, cancelled({ stateBefore: 'ROUTING', withdraws: attemptId(1) })]],
    ['erased while it rang', [...ringing, completed({ reason: 'ERASED', stateBefore: 'ROUTING', withdraws: attemptId(1) })]],
    ['silent past its limit', [...ringing, timedOut()]],
  ])('is owed to an attempt that was %s', (_, history) => {
    expect(owedAfter(attemptWithdrawals, ...history)).toEqual(withdraw);
    expect(owedAfter(attemptWithdrawals, ...history, withdrawRequested)).toEqual({});
    expect(owedAfter(attemptWithdrawals, ...history, withdrawn())).toEqual({});
  });
  it.each([
    ['cancelled while it waited', [...waiting, cancelled()]],
    ['reported as failed', [...ringing, failed()]],
    ['ended', done],
  ])('is not owed to one that was %s', (_, history) => expect(owedAfter(attemptWithdrawals, ...history)).toEqual({}));
  it('is still owed to a silent attempt when the callback is cancelled before it', () =>
    expect(owedAfter(attemptWithdrawals, ...ringing, timedOut(), cancelled())).toEqual(withdraw));
});

describe('decisions', () => {
  const decision = {
    ...{ queue, callbackId: ID, attemptId: attemptId(1), attempt: 1, region: null, placeBy: later(10) },
    ...{ basedOn: { readyAgents: 1, inFlight: 0 }, at: NOW },
  };
  const decided = { on: 'dispatch', event: { type: 'AttemptDecided', data: decision } } as const;
  const voided = (id: string) =>
    ({ on: 'dispatch', event: { type: 'AttemptVoided', data: { queue, callbackId: ID, attemptId: id, at: NOW } } }) as const;
  const lapse = { lapse: { group: 'at-once', anchor: later(10), command: { type: 'LapseAttempt', decision } } };
  it('lapse when nothing has followed them by placeBy', () => expect(owedAfter(attemptDecisions, ...waiting, decided)).toEqual(lapse));
  it('do not once they are started, or void', () => {
    expect(owedAfter(attemptDecisions, ...waiting, decided, started())).toEqual({});
    expect(owedAfter(attemptDecisions, ...waiting, decided, voided(attemptId(1)))).toEqual({});
  });
  it('do not once their callback waits for the customer’s local hours', () =>
    expect(owedAfter(attemptDecisions, ...waiting, decided, deferredToLocalHours(later(60)))).toEqual({}));
  it('are not cleared by another attempt', () => {
    expect(owedAfter(attemptDecisions, ...waiting, decided, started(2))).toEqual(lapse);
    expect(owedAfter(attemptDecisions, ...waiting, decided, voided(attemptId(2)))).toEqual(lapse);
  });
});

describe('places', () => {
  const hold = holdAt(desired);
  const taken = (one = hold, decidedAt: number | null = null) => ({
    on: `places-${queue}-${one.day}`,
    event: { type: 'PlaceTaken', data: { queue, callbackId: ID, ...one, checked: true, decidedAt, at: NOW } } as const,
  });
  const back = (one = hold) => ({
    on: `places-${queue}-${one.day}`,
    event: {
      type: 'PlaceGivenBack',
      data: { queue, callbackId: ID, holdId: one.holdId, instant: one.instant, because: 'LAPSED', at: NOW },
    } as const,
  });
  const lapse = (one = hold, decidedAt: number | null = null) => ({
    [`lapse:${one.holdId}`]: {
      ...{ group: 'unused-hold', anchor: NOW },
      command: { type: 'LapseHold', queue, callbackId: ID, hold: one, decidedAt },
    },
  });
  const giveBack = (because: string, one = hold) => ({
    [`give-back:${one.holdId}`]: {
      group: 'give-back',
      anchor: NOW,
      command: { type: 'GiveBackHold', queue, callbackId: ID, hold: one, because },
    },
  });
  const next = holdAt(later(7200), 'h-2');

  it('lapse when no booking comes, and are kept when it does', () => {
    expect(owedAfter(placeHolds, taken())).toEqual(lapse());
    expect(owedAfter(placeHolds, taken(), ...held)).toEqual({});
  });
  it('are still to be given back after the lapse was decided, until they are', () => {
    expect(owedAfter(placeHolds, taken(), lapsed())).toEqual(lapse());
    expect(owedAfter(placeHolds, taken(), lapsed(), back())).toEqual({});
  });
  it('of a move: the new one lapses when it never comes, the old one goes back when it does', () => {
    expect(owedAfter(placeHolds, taken(), ...held, taken(next, 0))).toEqual(lapse(next, 0));
    expect(owedAfter(placeHolds, taken(), ...held, taken(next, 0), moved(later(7200)))).toEqual(giveBack('MOVED'));
    expect(owedAfter(placeHolds, taken(), ...held, taken(next, 0), moved(later(7200)), back())).toEqual({});
  });
  it.each([
    ['cancelled', cancelled({ givesBack: hold }), 'CANCELLED'],
    ['ended without being called', completed({ reason: 'ERASED', stateBefore: 'SCHEDULED', givesBack: hold }), 'ENDED'],
  ] as const)('of a callback that was %s go back', (_, end, because) => {
    expect(owedAfter(placeHolds, taken(), ...held, end)).toEqual(giveBack(because));
    expect(owedAfter(placeHolds, taken(), ...held, end, back())).toEqual({});
  });
  it('of two bookings under one key: the one that nobody uses lapses', () =>
    expect(owedAfter(placeHolds, taken(), taken(next), booked(scheduled))).toEqual(lapse(next)));
  it('of a callback that is over, and keeps none, owe nothing', () =>
    expect(owedAfter(placeHolds, taken(), ...held, queued, cancelled())).toEqual({}));
});

describe('purging', () => {
  const entry = (anchor: string) => ({
    purge: { group: `purge:${queue}`, anchor, command: { type: 'PurgeCallback', callbackId: ID, queue } },
  });
  const queuedAt = (at: string): CallbackEvent => ({ ...queued, data: { ...queued.data, at } }) as CallbackEvent; // the same type with another instant
  it('is owed from when it entered the queue, and not before', () => {
    expect(owedAfter(purge, ...held)).toEqual({});
    expect(owedAfter(purge, ...held, queuedAt(later(60)))).toEqual(entry(later(60)));
  });
  it('is not owed while an agent is expected, and counts from the first entry when the attempt failed', () => {
    expect(owedAfter(purge, booked(), queuedAt(later(60)), started())).toEqual({});
    expect(owedAfter(purge, booked(), queuedAt(later(60)), started(), failed())).toEqual(entry(later(60)));
    expect(owedAfter(purge, booked(), queuedAt(later(60)), started(), failed(), requeued)).toEqual(entry(later(60)));
  });
  it.each([
    ['talks', talking],
    ['was cancelled', [...waiting, cancelled()]],
    ['is over', done],
  ])('is not owed to one that %s', (_, history) => expect(owedAfter(purge, ...history)).toEqual({}));
});

describe('business days', () => {
  const days = (...events: readonly DomainEvent[]) => {
    const log = memoryLog();
    const history = events.flatMap((event) =>
      log.append(event.type === 'CallbackQueued' ? `callback-${ID}` : `businessDays-${queue}`, event),
    );
    return owed(businessDays, history, queue);
  };
  const day = { queue, day: '2026-03-02', closedAt: later(3600), at: later(3601) };
  const close = (after: string | null) => ({
    close: { group: `day-end:${queue}`, anchor: '1970-01-01T00:00:00.000Z', command: { type: 'CloseBusinessDay', queue, after } },
  });
  const purges = {
    purge: {
      group: 'at-once',
      anchor: day.at,
      command: { type: 'PurgeBusinessDay', queue, day: day.day, closedAt: day.closedAt },
    },
  };
  it('end one after the other, once somebody has entered the queue', () => {
    expect(days(queued)).toEqual(close(null));
    expect(days(queued, { type: 'BusinessDayClosed', data: day }, { type: 'BusinessDayPurged', data: day })).toEqual(close(day.closedAt));
    expect(days(queued, queued)).toEqual(close(null));
  });
  it('owe the purge of their day until it is done', () =>
    expect(days(queued, { type: 'BusinessDayClosed', data: day })).toEqual({ ...close(day.closedAt), ...purges }));

  it('go on with the purge of a later day when that of an earlier one is done', () => {
    const earlier = { ...day, day: '2026-03-01', closedAt: later(-3600) };
    const facts: DomainEvent[] = [
      { type: 'BusinessDayClosed', data: earlier },
      { type: 'BusinessDayClosed', data: day },
      { type: 'BusinessDayPurged', data: earlier },
    ];
    expect(days(...facts)).toEqual(purges);
  });
});

describe('retention', () => {
  const retire = (anchor: string) => ({ retire: { group: 'retire', anchor, command: { type: 'RetireCallback', callbackId: ID } } });
  it('is owed from the desired time on, open or not, and moves with it', () => {
    expect(owedAfter(retention, ...held)).toEqual(retire(desired));
    expect(owedAfter(retention, ...held, moved(later(7200)))).toEqual(retire(later(7200)));
    expect(owedAfter(retention, ...done)).toEqual(retire(NOW));
    expect(owedAfter(retention, ...talking)).toEqual(retire(NOW));
    expect(owedAfter(retention, ...done, erased)).toEqual(retire(NOW));
  });
  it('is done once', () => expect(owedAfter(retention, ...done, retired)).toEqual({}));
});
