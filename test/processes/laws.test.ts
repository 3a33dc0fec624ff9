import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallbackCommand } from '../../src/domain/callback/commands.ts';
import { callback } from '../../src/domain/callback/decider.ts';
import { type CallbackEvent, callbackStream } from '../../src/domain/callback/events.ts';
import type { CallbackState } from '../../src/domain/callback/state.ts';
import { columnDefaults } from '../../src/domain/configuration/columns.ts';
import { initialConfiguration } from '../../src/domain/configuration/state.ts';
import { attemptLimits } from '../../src/processes/attempt-limits.ts';
import { attemptRetries } from '../../src/processes/attempt-retries.ts';
import { attemptWithdrawals } from '../../src/processes/attempt-withdrawals.ts';
import type { ProcessCommand } from '../../src/processes/execute.ts';
import type { Process } from '../../src/processes/kit/process.ts';
import { offsetOf } from '../../src/processes/offsets.ts';
import { purge } from '../../src/processes/purge.ts';
import { retention } from '../../src/processes/retention.ts';
import { startScheduled } from '../../src/processes/start-scheduled.ts';
import { play, steps } from '../domain/callback/any-commands.ts';
import { ID } from '../domain/callback/facts.ts';
import { memoryLog } from '../live/log.ts';
import { owed } from './owed.ts';

const { maxDialAttempts, ringLimitSeconds, callbackPurgeMinutes } = columnDefaults;
const offset = offsetOf(
  () => initialConfiguration,
  () => null,
  () => null,
);
const silence = { outcome: 'TIMEOUT', cause: null, settled: false, counted: true, reportedAt: null, maxDialAttempts } as const;

/** What a process's command asks of the callback, as it is carried out; undefined for what concerns places and decisions. */
const asked = (command: ProcessCommand, now: string): CallbackCommand | undefined => {
  switch (command.type) {
    case 'QueueCallback':
      return { ...command, estimatedWaitSeconds: null, now };
    case 'TimeOutAttempt':
      return { type: 'FailAttempt', attemptId: command.attemptId, ...silence, now };
    case 'EndUnreported':
      return { type: 'EndUnreported', attemptId: command.attemptId, now };
    case 'RequeueCallback':
      return { type: 'RequeueCallback', attemptId: command.attemptId, ringLimitSeconds, now };
    case 'WithdrawAttempt':
      return { type: 'RecordWithdrawRequested', attemptId: command.attemptId, delivered: true, now };
    case 'PurgeCallback': {
      const enteredBefore = new Date(Date.parse(now) - callbackPurgeMinutes * 60_000 + 1).toISOString();
      return { type: 'PurgeCallback', reason: 'PURGED_TIMEOUT', enteredBefore, now };
    }
    case 'RetireCallback':
      return { type: 'RetireCallback', now };
    default:
      return undefined;
  }
};

const processes: readonly Process<unknown, ProcessCommand>[] = [
  startScheduled,
  attemptLimits,
  attemptRetries,
  attemptWithdrawals,
  purge,
  retention,
];

/** Every state that random commands lead to, with its history. */
const eachState = (look: (state: CallbackState, history: readonly CallbackEvent[]) => void): void =>
  fc.assert(
    fc.property(steps, (given) => {
      play(given, ({ after, history }) => look(after, history));
    }),
    { numRuns: 150 },
  );
const owedAfter = (process: Process<unknown, ProcessCommand>, history: readonly CallbackEvent[]) =>
  owed(process, memoryLog().append(callbackStream(ID), ...history), ID);

describe.each(processes.map((process) => [process.name, process] as const))('%s', (_, process) => {
  it('what is done when it is due is owed no more, or later: nothing is done over and over', () =>
    eachState((state, history) => {
      for (const [name, { group, anchor, command }] of Object.entries(owedAfter(process, history))) {
        const due = new Date(Date.parse(anchor) + offset(group)).toISOString();
        const callbackCommand = asked(command, due);
        if (callbackCommand === undefined) throw new Error(`nobody carries out ${command.type}`);
        const decision = callback.decide(callbackCommand, state);
        expect(decision.ok, `${name} was refused`).toBe(true);
        const then = owedAfter(process, [...history, ...(decision.ok ? decision.events : [])])[name];
        if (then !== undefined) expect(Date.parse(then.anchor) + offset(then.group)).toBeGreaterThan(Date.parse(due));
      }
    }));

  it('a callback that is over is owed nothing but its withdrawal and its retirement', () =>
    eachState((state, history) => {
      if (state.state !== 'COMPLETED') return;
      const names = Object.keys(owedAfter(process, history));
      expect(names.filter((name) => name !== 'withdraw' && name !== 'retire')).toEqual([]);
    }));
});

describe('an open callback', () => {
  it('is owed its purge exactly while it is QUEUED', () =>
    eachState((state, history) => {
      expect(Object.keys(owedAfter(purge, history))).toEqual(state.state === 'QUEUED' ? ['purge'] : []);
    }));

  it('is always owed something that leads on, unless it waits for an agent', () =>
    eachState((state, history) => {
      if (state.state === 'NONE' || state.state === 'COMPLETED' || (state.state === 'QUEUED' && state.inLine)) return;
      const names = processes.flatMap((process) => Object.keys(owedAfter(process, history)));
      expect(names.filter((name) => name !== 'withdraw' && name !== 'retire' && name !== 'purge')).toHaveLength(1);
    }));
});
