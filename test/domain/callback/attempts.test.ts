import { describe, expect, it } from 'vitest';
import { callback } from '../../../src/domain/callback/decider.ts';
import { type CallbackEvent, failingOutcomes } from '../../../src/domain/callback/events.ts';
import { given } from '../../support/given.ts';
import {
  answered,
  attemptId,
  cancelled,
  completed,
  connected,
  deferredToLocalHours,
  done,
  fail,
  failed,
  held,
  lapseAttempt,
  later,
  NOW,
  placed,
  queue,
  requeue,
  requeued,
  ringing,
  startAttempt,
  started,
  talking,
  timedOut,
  waiting,
  withdrawn,
} from './facts.ts';

const callbackAfter = given(callback);
const exhausted = completed({ reason: 'ATTEMPTS_EXHAUSTED', stateBefore: 'QUEUED', endedBy: null });
const failedAndBack = (attempt: number) => [started(attempt), placed(attempt), failed(attempt), requeued];

describe('starting an attempt', () => {
  it('takes the callback out of line', () => {
    callbackAfter(...waiting)
      .when(startAttempt())
      .then(started());
    expect(callbackAfter(...waiting, started()).state).toMatchObject({ state: 'ROUTING', inLine: false, attempts: 1 });
  });
  it('outside the local hours of the customer only defers it: it keeps its place, and the attempt its number', () => {
    const until = later(3600);
    const deferred = deferredToLocalHours(until);
    callbackAfter(...waiting)
      .when(startAttempt(1, { until, because: 'LOCAL_HOURS', zones: ['Europe/Paris'] }))
      .then(deferred);
    expect(callbackAfter(...waiting, deferred).state).toMatchObject({ state: 'QUEUED', inLine: true, attempts: 0, attempt: null });
    callbackAfter(...waiting, deferred)
      .when(startAttempt())
      .then(started());
  });
  it('that has begun is not deferred any more', () =>
    callbackAfter(...waiting, started())
      .when(startAttempt(1, { until: later(3600), because: 'LOCAL_HOURS', zones: ['Europe/Paris'] }))
      .nothing());
  it('happens once', () =>
    callbackAfter(...waiting, started())
      .when(startAttempt())
      .nothing());
  it('never happens under the id of an older attempt', () =>
    callbackAfter(...waiting, ...failedAndBack(1), ...failedAndBack(2))
      .when(startAttempt(1))
      .nothing());
  it.each([
    ['is held', held],
    ['rings already', ringing],
    ['waits for its retry', [...ringing, failed()]],
    ['is with an agent', talking],
    ['is over', done],
  ])('is refused while the callback %s', (_, history) =>
    callbackAfter(...history)
      .when(startAttempt(2))
      .refused({ code: 'NOT_WAITING' }),
  );
});

describe('a failed attempt', () => {
  it.each(failingOutcomes.filter((outcome) => outcome !== 'INVALID_NUMBER'))('%s leaves the callback waiting for its retry', (outcome) => {
    callbackAfter(...ringing)
      .when(fail({ outcome }))
      .then(failed(1, { outcome }));
    expect(callbackAfter(...ringing, failed(1, { outcome })).state).toMatchObject({ state: 'QUEUED', inLine: false });
  });
  it('INVALID_NUMBER is final at once', () =>
    callbackAfter(...ringing)
      .when(fail({ outcome: 'INVALID_NUMBER' }))
      .then(failed(1, { outcome: 'INVALID_NUMBER', final: true }), exhausted));
  it('the last that the queue allows ends the callback', () =>
    callbackAfter(...waiting, ...failedAndBack(1), ...failedAndBack(2), started(3), placed(3))
      .when(fail({ attemptId: attemptId(3) }))
      .then(failed(3, { final: true }), exhausted));
  it('is counted against the limit of that moment, not of the booking', () =>
    callbackAfter(...waiting, ...failedAndBack(1), started(2))
      .when(fail({ attemptId: attemptId(2), maxDialAttempts: 2 }))
      .then(failed(2, { final: true }), exhausted));
  it('does not count when the phone was certainly never dialed', () => {
    const uncounted = { outcome: 'FAILED', cause: 'CONNECTOR_UNREACHABLE', counted: false } as const;
    callbackAfter(...waiting, started())
      .when(fail({ ...uncounted, maxDialAttempts: 1 }))
      .then(failed(1, uncounted));
    callbackAfter(...waiting, started(), failed(1, uncounted), requeued, started(2), placed(2))
      .when(fail({ attemptId: attemptId(2), maxDialAttempts: 1 }))
      .then(failed(2, { final: true }), exhausted);
  });
});

describe('a retry', () => {
  it('puts the callback back in line, in the place it had', () => {
    callbackAfter(...ringing, failed())
      .when(requeue())
      .then(requeued);
    expect(callbackAfter(...ringing, failed(), requeued).state).toMatchObject({ state: 'QUEUED', inLine: true, queuedAt: NOW });
  });
  it('comes once', () =>
    callbackAfter(...ringing, failed(), requeued)
      .when(requeue())
      .nothing());
  it('is not for an older attempt', () =>
    callbackAfter(...waiting, ...failedAndBack(1), started(2), failed(2))
      .when(requeue(1))
      .nothing());
  it('does nothing for a callback that is over', () =>
    callbackAfter(...ringing, failed(), cancelled())
      .when(requeue())
      .nothing());
  it('waits while a silent attempt may still be live: until placeBy and the ring limit', () => {
    const until = later(10 + 60);
    const data = { queue, until, because: 'ATTEMPT_MAY_BE_LIVE', placeBy: later(10) } as const;
    const deferred = (at: string) => ({ type: 'CallbackDeferred', data: { ...data, at } }) as const;
    callbackAfter(...ringing, timedOut())
      .when(requeue())
      .then(deferred(NOW));
    const justBefore = new Date(Date.parse(until) - 1).toISOString();
    callbackAfter(...ringing, timedOut())
      .when(requeue(1, justBefore))
      .then(deferred(justBefore));
    callbackAfter(...ringing, timedOut(), deferred(NOW))
      .when(requeue(1, until))
      .then({ type: 'CallbackRequeued', data: { queue, at: until } });
  });
  it('need not wait once a withdrawal was reported', () =>
    callbackAfter(...ringing, timedOut(), withdrawn())
      .when(requeue())
      .then(requeued));
});

describe('a decision that was never carried out', () => {
  const uncounted = { outcome: 'FAILED', cause: 'NOT_PLACED_IN_TIME', counted: false } as const;
  it('lapses: the callback is in line again, and nothing is counted', () => {
    callbackAfter(...waiting)
      .when(lapseAttempt())
      .then(started(), failed(1, uncounted), requeued);
    const { state } = callbackAfter(...waiting, started(), failed(1, uncounted), requeued);
    expect(state).toMatchObject({ state: 'QUEUED', inLine: true, attempts: 1, dialed: 0 });
  });
  it('does nothing once the attempt was started, or lapsed', () => {
    callbackAfter(...ringing)
      .when(lapseAttempt())
      .nothing();
    callbackAfter(...waiting, started(), failed(1, uncounted), requeued)
      .when(lapseAttempt())
      .nothing();
  });
  it('does nothing for a callback that is over', () =>
    callbackAfter(...waiting, cancelled())
      .when(lapseAttempt())
      .nothing());
});

describe('a limit that passes', () => {
  const silence = { outcome: 'TIMEOUT', settled: false } as const;
  it('makes a silent attempt TIMEOUT, which may still ring', () =>
    callbackAfter(...ringing)
      .when(fail(silence))
      .then(timedOut()));
  it.each([
    ['was answered', [...ringing, answered()]],
    ['is with an agent', talking],
    ['failed', [...ringing, failed()]],
    ['was withdrawn', [...ringing, withdrawn()]],
    ['is over', done],
    ['was followed by another', [...waiting, ...failedAndBack(1), started(2)]],
  ])('says nothing of an attempt that %s', (_, history) =>
    callbackAfter(...history)
      .when(fail(silence))
      .nothing(),
  );
});

describe('a call whose end nobody reports', () => {
  const end = { type: 'EndUnreported', attemptId: attemptId(1), now: NOW } as const;
  const ended = { endedBy: null, unreported: true } as const;
  it('ends, marked so', () =>
    callbackAfter(...talking)
      .when(end)
      .then(completed(ended)));
  it('is abandoned when no agent had it', () =>
    callbackAfter(...ringing, answered())
      .when(end)
      .then(completed({ ...ended, reason: 'ABANDONED', stateBefore: 'ROUTING' })));
  it('does nothing once the end was reported, or the attempt failed', () => {
    callbackAfter(...done)
      .when(end)
      .nothing();
    callbackAfter(...ringing, failed())
      .when(end)
      .nothing();
  });
});

describe('a withdrawal that was asked for', () => {
  it('is recorded, whether the contact center could be told or not', () => {
    for (const delivered of [true, false])
      callbackAfter(...ringing, cancelled())
        .when({ type: 'RecordWithdrawRequested', attemptId: attemptId(1), delivered, now: NOW })
        .then({ type: 'CallbackWithdrawRequested', data: { queue, attemptId: attemptId(1), delivered, at: NOW } });
  });

  it('is recorded once, also when the next attempt is under way', () => {
    const requested: CallbackEvent = {
      type: 'CallbackWithdrawRequested',
      data: { queue, attemptId: attemptId(1), delivered: true, at: NOW },
    };
    for (const history of [
      [...ringing, cancelled(), requested],
      [...ringing, timedOut(), requested, requeued, started(2)],
    ])
      callbackAfter(...history)
        .when({ type: 'RecordWithdrawRequested', attemptId: attemptId(1), delivered: false, now: NOW })
        .nothing();
  });
});

describe('the fold', () => {
  it('shows every state on the way', () => {
    const states = [...held, ...waiting.slice(1), started(), placed(), answered(), connected(), completed()].map((_, index, all) => {
      const { state } = callbackAfter(...all.slice(0, index + 1));
      return state.state;
    });
    expect(states).toEqual(['SCHEDULED', 'QUEUED', 'ROUTING', 'ROUTING', 'ROUTING', 'PROCESSING', 'COMPLETED']);
  });
});
