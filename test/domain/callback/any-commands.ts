import fc from 'fast-check';
import type { CallbackCommand } from '../../../src/domain/callback/commands.ts';
import { callback, TIME_TO_LIVE_MS } from '../../../src/domain/callback/decider.ts';
import { type CallbackEvent, failingOutcomes } from '../../../src/domain/callback/events.ts';
import type { CallbackState } from '../../../src/domain/callback/state.ts';
import { attemptId, desired, holdAt, immediate, later, queue, scheduled } from './facts.ts';

/** A command, made for the instant that it is asked at. */
export type Make = (now: string) => CallbackCommand;
export const RING_LIMIT_SECONDS = 60;

const attempt = fc.integer({ min: 1, max: 5 });
const holdId = fc.constantFrom('h-1', 'h-2', 'h-3');
const maxDialAttempts = fc.integer({ min: 1, max: 4 });
const reportedAt = null;

const bookings = fc.tuple(fc.constantFrom(immediate, scheduled), holdId, fc.constantFrom(null, 'body', 'other'));
const commands: fc.Arbitrary<Make> = fc.oneof(
  bookings.map(([booking, id, bodyHash]): Make => {
    const hold = booking.hold && holdAt(desired, id);
    return (now) => ({ type: 'BookCallback', booking: { ...booking, hold, bodyHash }, now });
  }),
  holdId.map((id): Make => {
    return (now) => ({ type: 'RescheduleCallback', desiredTime: later(60, now), hold: holdAt(now, id), capacityChecked: true, now });
  }),
  holdId.map((id): Make => {
    return (now) => ({ type: 'LapseBooking', queue, holdId: id, now });
  }),
  fc.constantFrom(desired, later(7200)).map((desiredTime): Make => {
    return (now) => ({ type: 'QueueCallback', desiredTime, estimatedWaitSeconds: null, now });
  }),
  fc.tuple(attempt, fc.constantFrom('StartAttempt' as const, 'LapseAttempt' as const)).map(([n, type]): Make => {
    return (now) => ({ type, attemptId: attemptId(n), attempt: n, region: null, placeBy: later(10, now), now });
  }),
  attempt.map((n): Make => {
    return (now) => ({
      ...{ type: 'StartAttempt', attemptId: attemptId(n), attempt: n, region: null, placeBy: later(10, now) },
      ...{ deferral: { until: later(60, now), because: 'LOCAL_HOURS', zones: ['Europe/Paris'] }, now },
    });
  }),
  fc
    .record({ n: attempt, outcome: fc.constantFrom(...failingOutcomes), settled: fc.boolean(), counted: fc.boolean(), maxDialAttempts })
    .map(({ n, ...rest }): Make => {
      return (now) => ({ type: 'FailAttempt', attemptId: attemptId(n), cause: null, reportedAt, now, ...rest });
    }),
  fc
    .tuple(
      attempt,
      fc.constantFrom('RecordPlaced' as const, 'ReportAnswered' as const, 'ReportWithdrawn' as const, 'EndUnreported' as const),
    )
    .map(([n, type]): Make => {
      return (now) => ({ type, attemptId: attemptId(n), reportedAt, now });
    }),
  attempt.map((n): Make => {
    return (now) => ({ type: 'ReportConnected', attemptId: attemptId(n), agentId: `agent-${n}`, reportedAt, now });
  }),
  fc.tuple(attempt, fc.constantFrom('AGENT' as const, 'CUSTOMER' as const)).map(([n, by]): Make => {
    return (now) => ({ type: 'ReportEnded', attemptId: attemptId(n), by, reportedAt, now });
  }),
  attempt.map((n): Make => {
    return (now) => ({ type: 'RequeueCallback', attemptId: attemptId(n), ringLimitSeconds: RING_LIMIT_SECONDS, now });
  }),
  fc.constantFrom('user' as const, 'client' as const).map((by): Make => {
    return (now) => ({ type: 'CancelCallback', by, now });
  }),
  fc.constantFrom('RetireCallback' as const, 'ErasePersonalData' as const).map((type): Make => {
    return (now) => ({ type, now });
  }),
);
/** A way through the states that random commands alone seldom find, with random ones strewn in. */
const straightOn: readonly Make[] = [
  (now) => ({ type: 'BookCallback', booking: immediate, now }),
  ...[1, 2, 3].flatMap((n): Make[] => [
    (now) => ({ type: 'StartAttempt', attemptId: attemptId(n), attempt: n, region: null, placeBy: later(10, now), now }),
    (now) => ({
      ...{ type: 'FailAttempt', attemptId: attemptId(n), outcome: 'TIMEOUT', cause: null, settled: false, counted: true },
      ...{ reportedAt, maxDialAttempts: 4, now },
    }),
    (now) => ({ type: 'RequeueCallback', attemptId: attemptId(n), ringLimitSeconds: RING_LIMIT_SECONDS, now }),
  ]),
  (now) => ({ type: 'StartAttempt', attemptId: attemptId(4), attempt: 4, region: null, placeBy: later(10, now), now }),
  (now) => ({ type: 'ReportConnected', attemptId: attemptId(4), agentId: 'agent-1', reportedAt, now }),
  (now) => ({ type: 'ReportEnded', attemptId: attemptId(4), by: 'AGENT', reportedAt, now }),
];
const pause = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 90 }), fc.constant(TIME_TO_LIVE_MS / 1000));
const random = fc.array(fc.tuple(pause, commands), { maxLength: 40, size: 'max' });
const strewn = fc
  .tuple(
    fc.array(fc.array(fc.tuple(pause, commands), { maxLength: 2 }), { minLength: straightOn.length, maxLength: straightOn.length }),
    pause,
  )
  .map(([between, wait]) => straightOn.flatMap((make, index): [number, Make][] => [[wait, make], ...(between[index] ?? [])]));
/** Waits in seconds, each with the command that follows it. */
export const steps = fc.oneof(random, strewn);

/** Plays the commands, and shows every decision with what lay before and after it. */
export const play = (
  given: readonly (readonly [number, Make])[],
  look: (step: {
    before: CallbackState;
    after: CallbackState;
    events: readonly CallbackEvent[];
    history: readonly CallbackEvent[];
    command: CallbackCommand;
    now: string;
  }) => void,
): CallbackState => {
  let state = callback.initial;
  let now = later(0);
  const history: CallbackEvent[] = [];
  for (const [wait, make] of given) {
    now = later(wait, now);
    const command = make(now);
    const decision = callback.decide(command, state);
    const events = decision.ok ? decision.events : [];
    const before = state;
    state = events.reduce(callback.evolve, state);
    history.push(...events);
    look({ before, after: state, events, history, command, now });
  }
  return state;
};
