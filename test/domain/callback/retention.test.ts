import { describe, expect, it } from 'vitest';
import { callback, TIME_TO_LIVE_MS } from '../../../src/domain/callback/decider.ts';
import type { CallbackEvent } from '../../../src/domain/callback/events.ts';
import { given } from '../../support/given.ts';
import { attemptId, cancelled, completed, desired, done, erased, held, holdAt, NOW, retired, ringing, talking, waiting } from './facts.ts';

const callbackAfter = given(callback);
const over = new Date(Date.parse(NOW) + TIME_TO_LIVE_MS).toISOString();
const retire = { type: 'RetireCallback', now: over } as const;
const erase = { type: 'ErasePersonalData', now: NOW } as const;
const at =
  (now: string) =>
  (event: CallbackEvent): CallbackEvent =>
    ({ ...event, data: { ...event.data, at: now } }) as CallbackEvent; // the same type with another instant
const ended = { endedBy: null } as const;

describe('retiring, 14 days from the desired time', () => {
  it('says so of a callback that is over', () =>
    callbackAfter(...done)
      .when(retire)
      .then(...[retired].map(at(over))));
  it('does nothing a millisecond earlier, nor twice', () => {
    const early = new Date(Date.parse(over) - 1).toISOString();
    callbackAfter(...done)
      .when({ ...retire, now: early })
      .nothing();
    callbackAfter(...done, retired)
      .when(retire)
      .nothing();
  });
  it('completes an open one first, and withdraws what rings', () =>
    callbackAfter(...ringing)
      .when(retire)
      .then(...[completed({ ...ended, reason: 'RETIRED', stateBefore: 'ROUTING', withdraws: attemptId(1) }), retired].map(at(over))));
});

describe('erasing', () => {
  it.each([
    ['held', held, { stateBefore: 'SCHEDULED', givesBack: holdAt(desired) }],
    ['waiting', waiting, { stateBefore: 'QUEUED' }],
    ['ringing', ringing, { stateBefore: 'ROUTING', withdraws: attemptId(1) }],
    ['talking', talking, { stateBefore: 'PROCESSING' }],
  ] as const)('completes a callback that is %s, and gives back what it had', (_, history, how) =>
    callbackAfter(...history)
      .when(erase)
      .then(completed({ ...ended, reason: 'ERASED', ...how }), erased),
  );
  it('only says so of one that is over', () =>
    callbackAfter(...waiting, cancelled())
      .when(erase)
      .then(erased));
  it('happens once', () =>
    callbackAfter(...done, erased)
      .when(erase)
      .nothing());
});

describe('after either', () => {
  it.each([
    ['retired', retired],
    ['erased', erased],
  ])('no personal data of a %s callback is left in its state', (_, fact) =>
    expect(callbackAfter(...done, fact).state).toMatchObject({ state: 'COMPLETED', phoneNumber: null, userData: null, pushTargets: null }),
  );
});
