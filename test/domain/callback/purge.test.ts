import { describe, expect, it } from 'vitest';
import type { CallbackCommand } from '../../../src/domain/callback/commands.ts';
import { callback } from '../../../src/domain/callback/decider.ts';
import { given } from '../../support/given.ts';
import { cancelled, completed, done, failed, held, later, NOW, requeued, ringing, talking, timedOut, waiting } from './facts.ts';

const callbackAfter = given(callback);
const purge = (reason: 'PURGED_TIMEOUT' | 'PURGED_END_OF_DAY', enteredBefore = later(1)): CallbackCommand => ({
  ...{ type: 'PurgeCallback', reason, enteredBefore, now: NOW },
});
const purged = (reason: 'PURGED_TIMEOUT' | 'PURGED_END_OF_DAY') => completed({ reason, stateBefore: 'QUEUED', endedBy: null });

describe('purging', () => {
  it.each(['PURGED_TIMEOUT', 'PURGED_END_OF_DAY'] as const)('completes a callback that waits as %s', (reason) =>
    callbackAfter(...waiting)
      .when(purge(reason))
      .then(purged(reason)),
  );
  it.each([
    ['waits for its retry', [...ringing, failed()]],
    ['may still ring after its time-out', [...ringing, timedOut()]],
    ['is in line again', [...ringing, failed(), requeued]],
  ])('completes one that %s by its first entry', (_, history) =>
    callbackAfter(...history)
      .when(purge('PURGED_TIMEOUT'))
      .then(purged('PURGED_TIMEOUT')),
  );
  it('leaves alone who entered at that instant, or later', () =>
    callbackAfter(...waiting)
      .when(purge('PURGED_END_OF_DAY', NOW))
      .nothing());
  it.each([
    ['is held for its time', held],
    ['rings', ringing],
    ['talks', talking],
    ['is over', done],
    ['was cancelled', [...waiting, cancelled()]],
  ])('leaves alone one that %s', (_, history) =>
    callbackAfter(...history)
      .when(purge('PURGED_END_OF_DAY'))
      .nothing(),
  );
  it('is the end: nothing rings after it', () => {
    const after = callbackAfter(...waiting, purged('PURGED_TIMEOUT'));
    expect(after.state).toMatchObject({ state: 'COMPLETED', reason: 'PURGED_TIMEOUT' });
    after
      .when({ type: 'StartAttempt', attemptId: 'c-1.1', attempt: 1, region: null, placeBy: later(10), now: NOW })
      .refused({ code: 'NOT_WAITING' });
  });
});
