import { describe, expect, it } from 'vitest';
import { callback } from '../../../src/domain/callback/decider.ts';
import { given } from '../../support/given.ts';
import {
  booked,
  cancelled,
  desired,
  done,
  held,
  holdAt,
  immediate,
  lapsed,
  later,
  NOW,
  queue,
  queued,
  scheduled,
  waiting,
} from './facts.ts';

const callbackAfter = given(callback);
const book = (booking = immediate) => ({ type: 'BookCallback', booking, now: NOW }) as const;

describe('booking', () => {
  it('an immediate one is in line at once, with the wait that was offered and its own priority', () =>
    callbackAfter().when(book()).then(booked(), queued));
  it('a scheduled one is held', () => callbackAfter().when(book(scheduled)).then(booked(scheduled)));
  it('the same body again decides to nothing', () =>
    callbackAfter(booked({ ...immediate, bodyHash: 'h' }), queued)
      .when(book({ ...immediate, bodyHash: 'h' }))
      .nothing());
  it('the same body again decides to nothing after the callback is over', () =>
    callbackAfter(booked({ ...immediate, bodyHash: 'h' }), cancelled())
      .when(book({ ...immediate, bodyHash: 'h' }))
      .nothing());
  it('the same key with another body is refused', () =>
    callbackAfter(booked({ ...immediate, bodyHash: 'h' }))
      .when(book({ ...immediate, bodyHash: 'other' }))
      .refused({ code: 'IDEMPOTENCY_KEY_REUSED' }));
  it('another under a used id, without an idempotency key, is refused', () =>
    callbackAfter(...waiting)
      .when(book())
      .refused({ code: 'ALREADY_BOOKED' }));
});

describe('a booking that never came', () => {
  const lapse = { type: 'LapseBooking', queue, holdId: 'h-1', now: NOW } as const;
  it('lapses', () => callbackAfter().when(lapse).then(lapsed()));
  it('lapses once', () => callbackAfter(lapsed()).when(lapse).nothing());
  it('does not lapse when it came after all', () => callbackAfter(booked(scheduled)).when(lapse).nothing());
  it('is refused when it comes after it lapsed', () => callbackAfter(lapsed()).when(book(scheduled)).refused({ code: 'HOLD_LAPSED' }));
  it('can be booked anew on another place', () => {
    const again = { ...scheduled, hold: holdAt(desired, 'h-2') };
    callbackAfter(lapsed()).when(book(again)).then(booked(again));
  });
  it('says nothing about a hold that the callback has since moved from', () => {
    const moved = { before: desired, desiredTime: later(7200), hold: holdAt(later(7200), 'h-2'), givesBack: holdAt(desired), keyId: 'k-1' };
    callbackAfter(booked(scheduled), { type: 'CallbackRescheduled', data: { queue, ...moved, capacityChecked: true, at: NOW } })
      .when({ ...lapse, holdId: 'h-2' })
      .nothing();
  });
});

describe('rescheduling', () => {
  const desiredTime = later(7200);
  const hold = holdAt(desiredTime, 'h-2');
  const move = { type: 'RescheduleCallback', desiredTime, hold, capacityChecked: true, now: NOW } as const;
  const moved = { queue, before: desired, desiredTime, hold, givesBack: holdAt(desired), capacityChecked: true, keyId: 'k-1', at: NOW };

  it('moves a scheduled callback, and names the place that it gives back', () =>
    callbackAfter(...held)
      .when(move)
      .then({ type: 'CallbackRescheduled', data: moved }));
  it('the same move again decides to nothing', () =>
    callbackAfter(...held, { type: 'CallbackRescheduled', data: moved })
      .when(move)
      .nothing());
  it('is refused on a place that lapsed', () =>
    callbackAfter(...held, lapsed('h-2'))
      .when(move)
      .refused({ code: 'HOLD_LAPSED' }));
  it.each([
    ['QUEUED', waiting],
    ['COMPLETED', done],
  ] as const)('is refused when %s', (state, history) =>
    callbackAfter(...history)
      .when(move)
      .refused({ code: 'STATE_FORBIDS', state, action: 'reschedule' }),
  );
  it('of what nobody booked is refused', () => {
    callbackAfter().when(move).refused({ code: 'UNKNOWN_CALLBACK' });
    callbackAfter(lapsed()).when(move).refused({ code: 'UNKNOWN_CALLBACK' });
  });
  it('keeps id, kind and what booking gave', () => {
    const { state } = callbackAfter(...held, { type: 'CallbackRescheduled', data: moved });
    expect(state).toMatchObject({ state: 'SCHEDULED', kind: 'SCHEDULED', desiredTime, hold, phoneNumber: scheduled.phoneNumber });
  });
});

describe('queueing', () => {
  const queueing = { type: 'QueueCallback', desiredTime: desired, estimatedWaitSeconds: 90, now: NOW } as const;
  it('puts a held callback in line', () =>
    callbackAfter(...held)
      .when(queueing)
      .then(queued));
  it('does nothing for one that was moved meanwhile', () =>
    callbackAfter(...held)
      .when({ ...queueing, desiredTime: NOW })
      .nothing());
  it('does nothing twice', () =>
    callbackAfter(...held, queued)
      .when(queueing)
      .nothing());
  it('does nothing for one that is over', () =>
    callbackAfter(...held, cancelled({ stateBefore: 'SCHEDULED' }))
      .when(queueing)
      .nothing());
});
