import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallbackCommand } from '../../../src/domain/callback/commands.ts';
import { callback, TIME_TO_LIVE_MS } from '../../../src/domain/callback/decider.ts';
import { type CallbackEvent, failingOutcomes } from '../../../src/domain/callback/events.ts';
import type { CallbackState } from '../../../src/domain/callback/state.ts';
import { attemptId, desired, holdAt, immediate, later, queue, scheduled } from './facts.ts';

type Make = (now: string) => CallbackCommand;
const RING_LIMIT_SECONDS = 60;

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
const random = fc.array(fc.tuple(pause, commands), { maxLength: 40 });
const strewn = fc
  .tuple(
    fc.array(fc.array(fc.tuple(pause, commands), { maxLength: 2 }), { minLength: straightOn.length, maxLength: straightOn.length }),
    pause,
  )
  .map(([between, wait]) => straightOn.flatMap((make, index): [number, Make][] => [[wait, make], ...(between[index] ?? [])]));
const steps = fc.oneof(random, strewn);

/** Where a state may go by one decision (1.2). */
const MOVES: Readonly<Record<CallbackState['state'], readonly CallbackState['state'][]>> = {
  NONE: ['NONE', 'SCHEDULED', 'QUEUED'],
  SCHEDULED: ['SCHEDULED', 'QUEUED', 'COMPLETED'],
  QUEUED: ['QUEUED', 'ROUTING', 'COMPLETED'],
  ROUTING: ['ROUTING', 'QUEUED', 'PROCESSING', 'COMPLETED'],
  PROCESSING: ['PROCESSING', 'COMPLETED'],
  COMPLETED: ['COMPLETED'],
};

/** Attempts that may ring: started, and neither over nor certainly silent by `now`. */
const liveAttempts = (history: readonly CallbackEvent[], now: string): readonly string[] => {
  const live = new Map<string, string>();
  for (const { type, data } of history) {
    if (type === 'CallbackAttemptStarted') live.set(data.attemptId, data.placeBy);
    if (type === 'CallbackAttemptFailed' && data.settled) live.delete(data.attemptId);
    if (type === 'CallbackAttemptWithdrawn') live.delete(data.attemptId);
    if (type === 'CallbackCompleted' && data.withdraws === null) live.clear();
  }
  return [...live].filter(([, placeBy]) => now < later(RING_LIMIT_SECONDS, placeBy)).map(([id]) => id);
};

/** Plays the commands, and shows every decision with what lay before and after it. */
const play = (
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

describe('whatever is asked of a callback, in whatever order', () => {
  it('its state only moves along the states of a callback, and one that is over stays over', () =>
    fc.assert(
      fc.property(steps, (given) => {
        play(given, ({ before, after }) => expect(MOVES[before.state]).toContain(after.state));
      }),
      { numRuns: 500 },
    ));

  it('a callback has never two attempts that may ring', () =>
    fc.assert(
      fc.property(steps, (given) => {
        play(given, ({ history, now }) => expect(liveAttempts(history, now).length).toBeLessThanOrEqual(1));
      }),
      { numRuns: 500 },
    ));

  it('attempts dialed are never more than those started, nor fewer than none', () =>
    fc.assert(
      fc.property(steps, (given) => {
        play(given, ({ after }) => {
          if (after.state === 'NONE') return;
          expect(after.dialed).toBeLessThanOrEqual(after.attempts);
          expect(after.dialed).toBeGreaterThanOrEqual(0);
        });
      }),
      { numRuns: 500 },
    ));

  it('the end comes once, with one reason, and nothing is in line after it', () =>
    fc.assert(
      fc.property(steps, (given) => {
        let ends = 0;
        const end = play(given, ({ events }) => {
          ends += events.filter(({ type }) => type === 'CallbackCompleted' || type === 'CallbackCancelled').length;
        });
        expect(ends).toBe(end.state === 'COMPLETED' ? 1 : 0);
        if (end.state === 'COMPLETED') expect(end).toMatchObject({ inLine: false, reason: expect.any(String) });
      }),
      { numRuns: 500 },
    ));

  it('a command that was carried out decides to nothing when it comes again at once', () =>
    fc.assert(
      fc.property(steps, (given) => {
        play(given, ({ after, events, command }) => {
          if (events.length === 0) return;
          if (command.type === 'BookCallback' && command.booking.bodyHash === null) return; // without a key there is no knowing a repeat
          const again = callback.decide(command, after);
          if (again.ok) expect(again.events.filter(({ type }) => type !== 'CallbackDeferred')).toEqual([]);
        });
      }),
      { numRuns: 500 },
    ));

  it('random commands do reach every state', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(steps, (given) => {
        play(given, ({ after }) => seen.add(after.state));
      }),
      { numRuns: 500, seed: 1 },
    );
    expect([...seen].sort()).toEqual(Object.keys(MOVES).sort());
  });
});
