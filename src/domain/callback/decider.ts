import { accept, type Decider, type Decision, refuse } from '../kit/decider.ts';
import type { CallbackCommand, CallbackRefusal } from './commands.ts';
import { completed } from './completion.ts';
import type { CallbackEvent } from './events.ts';
import { decideReport } from './reports.ts';
import { type Callback, type CallbackState, evolve, initial } from './state.ts';

/** Records live 14 days from the desired time, fixed (1.13). */
export const TIME_TO_LIVE_MS = 14 * 86_400_000;

type Command<T extends CallbackCommand['type']> = Extract<CallbackCommand, { type: T }>;
type CallbackDecision = Decision<CallbackEvent, CallbackRefusal>;

const book = ({ booking, now }: Command<'BookCallback'>, state: CallbackState): CallbackDecision => {
  if (state.state !== 'NONE') {
    if (booking.bodyHash === null) return refuse({ code: 'ALREADY_BOOKED' });
    return booking.bodyHash === state.bodyHash ? accept() : refuse({ code: 'IDEMPOTENCY_KEY_REUSED' });
  }
  const taken = [booking.hold?.holdId, booking.claim?.claimId];
  if (taken.some((id) => id !== undefined && state.lapsed.includes(id))) return refuse({ code: 'HOLD_LAPSED' });
  const { queue, overrides } = booking;
  const booked: CallbackEvent = { type: 'CallbackBooked', data: { ...booking, at: now } };
  return booking.kind === 'SCHEDULED'
    ? accept(booked)
    : accept<CallbackEvent>(booked, {
        type: 'CallbackQueued',
        data: {
          ...{ queue, priority: overrides.priority, at: now },
          ...(booking.waits ?? { estimatedWaitSeconds: booking.offer.estimatedWaitSeconds }),
        },
      });
};

const reschedule = (command: Command<'RescheduleCallback'>, callback: Callback): CallbackDecision => {
  const { desiredTime, hold, capacityChecked, now } = command;
  if (callback.state !== 'SCHEDULED') return refuse({ code: 'STATE_FORBIDS', state: callback.state, action: 'reschedule' });
  if (callback.lapsed.includes(hold.holdId)) return refuse({ code: 'HOLD_LAPSED' });
  if (callback.hold?.holdId === hold.holdId) return accept();
  const { queue, keyId, desiredTime: before, hold: givesBack } = callback;
  return accept({ type: 'CallbackRescheduled', data: { queue, before, desiredTime, hold, givesBack, capacityChecked, keyId, at: now } });
};

const cancel = ({ by, now }: Command<'CancelCallback'>, callback: Callback): CallbackDecision => {
  if (callback.state === 'PROCESSING' || callback.state === 'COMPLETED') {
    return refuse({ code: 'STATE_FORBIDS', state: callback.state, action: 'cancel' });
  }
  return accept({
    type: 'CallbackCancelled',
    data: {
      queue: callback.queue,
      reason: by === 'user' ? 'CANCELLED_BY_ADMIN' : 'CANCELLED_BY_CLIENT',
      stateBefore: callback.state,
      withdraws: callback.state === 'ROUTING' ? (callback.attempt?.attemptId ?? null) : null,
      givesBack: callback.hold,
      at: now,
    },
  });
};

const startAttempt = (command: Command<'StartAttempt'>, callback: Callback): CallbackDecision => {
  const { attemptId, attempt, region, placeBy, placedWith, deferral, now } = command;
  if (attempt <= callback.attempts) return accept(); // an id is used once, however late its start comes (7.6)
  if (callback.state !== 'QUEUED' || !callback.inLine) return refuse({ code: 'NOT_WAITING' });
  const { queue } = callback;
  if (deferral !== undefined)
    return accept({ type: 'CallbackDeferred', data: { queue, ...deferral, zones: [...deferral.zones], at: now } });
  return accept({
    type: 'CallbackAttemptStarted',
    data: { queue, attemptId, attempt, region, placeBy, ...placedWith, at: now },
  });
};

/** An attempt that was decided and never sent, for its time to place it is over: back in line, uncounted. */
const lapseAttempt = (command: Command<'LapseAttempt'>, callback: Callback): CallbackDecision => {
  const { attemptId, attempt, region, placeBy, now } = command;
  if (callback.state !== 'QUEUED' || !callback.inLine || callback.attempts >= attempt) return accept();
  const { queue } = callback;
  return accept<CallbackEvent>(
    { type: 'CallbackAttemptStarted', data: { queue, attemptId, attempt, region, placeBy, at: now } },
    {
      type: 'CallbackAttemptFailed',
      data: {
        ...{ queue, attemptId, attempt, outcome: 'FAILED', cause: 'NOT_PLACED_IN_TIME' },
        ...{ settled: true, counted: false, final: false, reportedAt: null, at: now },
      },
    },
    { type: 'CallbackRequeued', data: { queue, at: now } },
  );
};

/** A retry never comes while the last attempt may still be live: until its end was reported, or `placeBy` and the ring limit are past (7.6). */
const requeue = ({ attemptId, ringLimitSeconds, now }: Command<'RequeueCallback'>, callback: Callback): CallbackDecision => {
  const { attempt, queue } = callback;
  if (callback.state !== 'QUEUED' || callback.inLine || attempt?.attemptId !== attemptId) return accept();
  const safeAt = new Date(Date.parse(attempt.placeBy) + ringLimitSeconds * 1000).toISOString();
  if (!attempt.settled && now < safeAt) {
    const { placeBy } = attempt;
    return accept({ type: 'CallbackDeferred', data: { queue, until: safeAt, because: 'ATTEMPT_MAY_BE_LIVE', placeBy, at: now } });
  }
  return accept({ type: 'CallbackRequeued', data: { queue, at: now } });
};

/** A rule, or the do-not-call list, forbids the attempt that was about to be made (1.5, 7.5): nobody waits for another. */
const reject = ({ now }: Command<'RejectCallback'>, callback: Callback): CallbackDecision =>
  callback.state === 'QUEUED' ? accept(completed(callback, 'REJECTED_BY_RULE', 'QUEUED', now)) : accept();

/** Whoever still waits is purged by when they entered the queue, also before a retry; SCHEDULED, ROUTING and PROCESSING are left alone (6.1). */
const purge = ({ reason, enteredBefore, now }: Command<'PurgeCallback'>, callback: Callback): CallbackDecision => {
  const { state, queuedAt } = callback;
  if (state !== 'QUEUED' || queuedAt === null || queuedAt >= enteredBefore) return accept();
  return accept(completed(callback, reason, 'QUEUED', now));
};

/** An open callback whose personal data goes is completed first. */
const closed = (callback: Callback, reason: 'RETIRED' | 'ERASED', now: string): CallbackEvent[] => {
  const { state, attempt, hold } = callback;
  if (state === 'COMPLETED') return [];
  const withdraws = state === 'ROUTING' ? (attempt?.attemptId ?? null) : null;
  return [completed(callback, reason, state, now, { withdraws, givesBack: state === 'SCHEDULED' ? hold : null })];
};

const retire = ({ now }: Command<'RetireCallback'>, callback: Callback): CallbackDecision => {
  const { queue, keyId, desiredTime, retired } = callback;
  if (retired || Date.parse(now) < Date.parse(desiredTime) + TIME_TO_LIVE_MS) return accept();
  return accept<CallbackEvent>(...closed(callback, 'RETIRED', now), { type: 'CallbackRetired', data: { queue, keyId, at: now } });
};

const erase = ({ now }: Command<'ErasePersonalData'>, callback: Callback): CallbackDecision => {
  const { queue, keyId, erased } = callback;
  if (erased) return accept();
  return accept<CallbackEvent>(...closed(callback, 'ERASED', now), { type: 'PersonalDataErased', data: { queue, keyId, at: now } });
};

const decideBooked = (
  command: Exclude<CallbackCommand, { type: 'BookCallback' | 'LapseBooking' }>,
  callback: Callback,
): CallbackDecision => {
  const { queue } = callback;
  switch (command.type) {
    case 'RescheduleCallback':
      return reschedule(command, callback);
    case 'QueueCallback':
      return callback.state === 'SCHEDULED' && callback.desiredTime === command.desiredTime
        ? accept({
            type: 'CallbackQueued',
            data: {
              ...{ queue, priority: callback.overrides.priority, estimatedWaitSeconds: command.estimatedWaitSeconds, at: command.now },
              ...(command.position === undefined ? {} : { position: command.position }),
            },
          })
        : accept();
    case 'StartAttempt':
      return startAttempt(command, callback);
    case 'LapseAttempt':
      return lapseAttempt(command, callback);
    case 'RequeueCallback':
      return requeue(command, callback);
    case 'RejectCallback':
      return reject(command, callback);
    case 'PurgeCallback':
      return purge(command, callback);
    case 'RetireCallback':
      return retire(command, callback);
    case 'ErasePersonalData':
      return erase(command, callback);
    case 'CancelCallback':
      return cancel(command, callback);
    case 'RecordWithdrawRequested':
      if (callback.withdrawn.includes(command.attemptId)) return accept();
      return accept({
        type: 'CallbackWithdrawRequested',
        data: { queue, attemptId: command.attemptId, delivered: command.delivered, at: command.now },
      });
    default:
      return decideReport(command, callback);
  }
};

const decide = (command: CallbackCommand, state: CallbackState): CallbackDecision => {
  if (command.type === 'BookCallback') return book(command, state);
  if (command.type === 'LapseBooking') {
    const { queue, holdId, now } = command;
    const held = state.state !== 'NONE' && (state.hold?.holdId === holdId || state.claim?.claimId === holdId);
    return held || state.lapsed.includes(holdId) ? accept() : accept({ type: 'BookingLapsed', data: { queue, holdId, at: now } });
  }
  return state.state === 'NONE' ? refuse({ code: 'UNKNOWN_CALLBACK' }) : decideBooked(command, state);
};

/** One callback: booking, line, attempts and end (1.1–1.4, 1.9, 7.2, 7.4, 7.6). */
export const callback: Decider<CallbackState, CallbackCommand, CallbackEvent, CallbackRefusal> = { initial, evolve, decide };
