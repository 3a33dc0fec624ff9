import type { Logger } from 'pino';
import { type Clock, iso } from '../clock.ts';
import { attemptIdOf } from '../domain/callback/events.ts';
import { columnDefaults } from '../domain/configuration/columns.ts';
import { type Configuration, settingsOf } from '../domain/configuration/state.ts';
import { type Decided, DISPATCH_STREAM } from '../domain/dispatch/events.ts';
import type { Actor } from '../domain/kit/events.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import type { DispatchBoard, Next, NextOnes } from '../live/dispatch-board.ts';
import type { WaitingLines } from '../live/waiting-lines.ts';

/** The view has to see its own decision before the next pass; a log that doesn't show it in this time is looked at again. */
const ECHO_MS = 5_000;
const AGAIN_MS = 1_000;
/** How often those who wait are held against live callers, whom time alone may put behind them. */
const COMPETING_MS = 500;
/** Decisions of one append, which holds 1 MiB; the rest follow in the next pass. */
const DECISIONS = 500;
const DISPATCHER: Actor = { kind: 'process', id: 'dispatch', name: 'dispatch' };

export type DispatchDeps = {
  readonly store: EventStore;
  readonly lines: Pick<WaitingLines, 'dispatchRevision'>;
  readonly board: Pick<DispatchBoard, 'next'>;
  readonly configuration: () => Configuration;
  readonly liveWaitFor: (position: bigint, timeoutMs: number) => Promise<boolean>;
  readonly start: (decision: Decided['data'], context: CommandContext) => Promise<void>;
  /** Whether the contact center takes nothing at present. */
  readonly isDown?: () => boolean;
  readonly clock: Clock;
  /** How fast the clock runs against the machine's. */
  readonly clockSpeed?: number;
  readonly newId: () => string;
  readonly log: Logger;
};

/** Runs matching passes: `wake` asks for one, however often; passes never overlap. */
export type Dispatcher = { readonly wake: () => void; readonly close: () => Promise<void> };

export const startDispatch = (deps: DispatchDeps): Dispatcher => {
  const { store, lines, board, configuration, liveWaitFor, start, isDown = () => false, clock, clockSpeed = 1, newId, log } = deps;
  const attempts = new Set<Promise<void>>();
  /** Decisions were left for when an attempt is settled. */
  let held = false;
  let cancelLook = () => {};
  let wanted = false;
  let closed = false;
  let running: Promise<void> = Promise.resolve();
  let idle = true;

  const decision = ({ queue, callback, region, readyAgents, inFlight, liveCallers }: Next, now: number): Decided => {
    const { placeWithinSeconds } = settingsOf(configuration(), queue) ?? columnDefaults;
    const attempt = callback.attempts + 1;
    const data = { queue, callbackId: callback.id, attemptId: attemptIdOf(callback.id, attempt), attempt, region };
    const placeBy = iso(now + placeWithinSeconds * 1000);
    return { type: 'AttemptDecided', data: { ...data, placeBy, basedOn: { readyAgents, inFlight, liveCallers }, at: iso(now) } };
  };

  /** Asks for the pass that no fact or report will ask for: local hours begin, or a live caller may fall behind or be gone. */
  const lookAgain = (now: number, { competes, returnsAt }: Pick<NextOnes, 'competes' | 'returnsAt'>): void => {
    cancelLook();
    const at = Math.min(returnsAt ?? Number.POSITIVE_INFINITY, competes ? now + COMPETING_MS * clockSpeed : Number.POSITIVE_INFINITY);
    if (at !== Number.POSITIVE_INFINITY) cancelLook = clock.at(at, wake);
  };

  /** While the contact center takes nothing, one attempt at a time finds out whether it does again; nobody else loses his turn. */
  const room = (): number => (isDown() ? (attempts.size === 0 ? 1 : 0) : DECISIONS);
  const settled = (attempt: Promise<void>): void => {
    attempts.delete(attempt);
    if (held) wake();
  };

  /** One pass; the append at the revision that the view has folded is the fence against another node's pass. */
  const pass = async (): Promise<void> => {
    const now = clock.now();
    const next = board.next(now);
    lookAgain(now, next);
    const admitted = next.admitted.slice(0, room());
    held = admitted.length < next.admitted.length;
    if (admitted.length === 0) return;
    const decisions = admitted.map((one) => decision(one, now));
    const commandId = newId();
    const contexts = admitted.map(({ callback: { cause } }) => ({
      ...{ commandId, correlationId: cause.correlationId, causationId: cause.id },
      actor: DISPATCHER,
    }));
    const appended = await store.append(DISPATCH_STREAM, decisions, lines.dispatchRevision() ?? 'no-stream', contexts);
    if (!appended.ok) throw new Error('another pass came first');
    for (const [index, { data }] of decisions.entries()) {
      const causationId = appended.ids[index] ?? commandId;
      const correlationId = contexts[index]?.correlationId ?? commandId;
      const attempt = start(data, { commandId: newId(), correlationId, causationId, actor: DISPATCHER })
        .catch((error) => log.warn({ err: error, attemptId: data.attemptId }, 'an attempt could not be started; its net sees to it'))
        .finally(() => settled(attempt));
      attempts.add(attempt);
    }
    if (!(await liveWaitFor(appended.position, ECHO_MS))) throw new Error('the log is slow to show the decisions');
  };

  const run = async (): Promise<void> => {
    while (wanted && !closed) {
      wanted = false;
      await pass().catch((error) => {
        log.warn({ err: error }, 'matching pass failed; trying again');
        clock.at(clock.now() + AGAIN_MS, wake);
      });
    }
    idle = true;
  };
  const wake = (): void => {
    wanted = true;
    if (!idle || closed) return;
    idle = false;
    running = new Promise((resolve) => setImmediate(resolve)).then(run);
  };
  return {
    wake,
    close: async () => {
      closed = true;
      cancelLook();
      await running;
      await Promise.all(attempts);
    },
  };
};
