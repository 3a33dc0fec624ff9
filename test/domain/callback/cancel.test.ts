import { describe, it } from 'vitest';
import { callback } from '../../../src/domain/callback/decider.ts';
import { given } from '../../support/given.ts';
import {
  attemptId,
  cancelled,
  desired,
  disregarded,
  done,
  fail,
  failed,
  held,
  holdAt,
  NOW,
  reportAnswered,
  reportConnected,
  reportEnded,
  reportWithdrawn,
  ringing,
  talking,
  waiting,
  withdrawn,
} from './facts.ts';

const callbackAfter = given(callback);
const cancel = { type: 'CancelCallback', by: 'user', now: NOW } as const;

describe('cancelling', () => {
  it('a held callback gives its place back', () =>
    callbackAfter(...held)
      .when(cancel)
      .then(cancelled({ stateBefore: 'SCHEDULED', givesBack: holdAt(desired) })));
  it('says whether a user or a client did it', () => {
    callbackAfter(...waiting)
      .when(cancel)
      .then(cancelled());
    callbackAfter(...waiting)
      .when({ ...cancel, by: 'client' })
      .then(cancelled({ reason: 'CANCELLED_BY_CLIENT' }));
  });
  it('withdraws the attempt while the phone rings', () =>
    callbackAfter(...ringing)
      .when(cancel)
      .then(cancelled({ stateBefore: 'ROUTING', withdraws: attemptId(1) })));
  it('withdraws nothing while a failed attempt waits for its retry', () =>
    callbackAfter(...ringing, failed())
      .when(cancel)
      .then(cancelled()));
  it('is refused once an agent has the call', () =>
    callbackAfter(...talking)
      .when(cancel)
      .refused({ code: 'STATE_FORBIDS', state: 'PROCESSING', action: 'cancel' }));
  it.each([
    ['completed', done],
    ['cancelled', [...waiting, cancelled()]],
  ])('is refused once it is %s', (_, history) =>
    callbackAfter(...history)
      .when(cancel)
      .refused({ code: 'STATE_FORBIDS', state: 'COMPLETED', action: 'cancel' }),
  );
  it('of what nobody booked is refused', () => callbackAfter().when(cancel).refused({ code: 'UNKNOWN_CALLBACK' }));
});

describe('what is reported of an attempt that was cancelled while it rang', () => {
  const before = [...ringing, cancelled({ stateBefore: 'ROUTING', withdraws: attemptId(1) })];
  it('its withdrawal is recorded', () =>
    callbackAfter(...before)
      .when(reportWithdrawn())
      .then(withdrawn()));
  it('its withdrawal is recorded once', () =>
    callbackAfter(...before, withdrawn())
      .when(reportWithdrawn())
      .nothing());
  it.each([
    ['that it failed', fail(), 'BUSY'],
    ['that it was answered', reportAnswered(), 'ANSWERED'],
    ['that an agent had it', reportConnected(), 'CONNECTED agent-1'],
    ['that it ended', reportEnded('AGENT'), 'ENDED AGENT'],
  ])('%s changes nothing, and is recorded once', (_, report, name) => {
    const late = disregarded(name, 'ATTEMPT_OVER');
    callbackAfter(...before)
      .when(report)
      .then(late);
    callbackAfter(...before, late)
      .when(report)
      .nothing();
  });
});
