import type { Kysely } from 'kysely';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import { attemptDecisions } from '../processes/attempt-decisions.ts';
import { attemptLimits } from '../processes/attempt-limits.ts';
import { attemptRetries } from '../processes/attempt-retries.ts';
import { attemptWithdrawals } from '../processes/attempt-withdrawals.ts';
import { businessDays } from '../processes/business-days.ts';
import type { ProcessCommand } from '../processes/execute.ts';
import { type Poller, startPoller } from '../processes/kit/poller.ts';
import { processModel, type TodoChanges } from '../processes/kit/process-model.ts';
import { numberClaims } from '../processes/number-claims.ts';
import { placeHolds } from '../processes/place-holds.ts';
import { purge } from '../processes/purge.ts';
import { retention } from '../processes/retention.ts';
import { retiredQueues } from '../processes/retired-queues.ts';
import { startScheduled } from '../processes/start-scheduled.ts';
import { auditIndex } from '../projections/audit-index.ts';
import { callbackDetails } from '../projections/callback-details.ts';
import { callbackList } from '../projections/callback-list.ts';
import { doNotCallList } from '../projections/do-not-call.ts';
import { type Projections, startProjections } from '../projections/kit/engine.ts';
import { tableModel } from '../projections/kit/model.ts';
import { pipelined } from '../projections/kit/pipelined.ts';
import { logInstants } from '../projections/log-instants.ts';
import { placesHeld } from '../projections/places-held.ts';
import { waitingLine } from '../projections/waiting-line.ts';
import { closeAll } from './closing.ts';

const projections = [callbackList, callbackDetails, waitingLine, placesHeld, logInstants, auditIndex, doNotCallList];
/** For looks at the list as it was. */
const SNAPSHOTS = { names: [callbackList.name], everyEvents: 500_000, most: 8 };
const processes = [
  startScheduled,
  attemptDecisions,
  attemptLimits,
  attemptRetries,
  attemptWithdrawals,
  placeHolds,
  numberClaims,
  purge,
  businessDays,
  retention,
  retiredQueues,
];

/** Whose to-do lists are among the read models. */
export const processNames = processes.map(({ name }) => name);

/** Processes act on to-do lists no further behind the log than this. */
const BEHIND_MS = 10_000;
/** How long a batch waits for company, and how long an entry that was done waits for its fact. */
const LINGER_MS = 25;
const LEASE_MS = 30_000;

export type WorkOptions = {
  readonly store: EventStore;
  readonly db: Kysely<unknown>;
  /** What `db` is made of. */
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly clockSpeed: number;
  /** How long is waited by the machine's time and not the clock's, in ms: what the read models need when it is left out. */
  readonly machinePauseMs?: number | undefined;
  readonly log: Logger;
  readonly newId: () => string;
  readonly offsetOf: (group: string) => number;
  readonly execute: (command: ProcessCommand, context: CommandContext) => Promise<void>;
  /** The read models can't go on, for newer code wrote or another node keeps them: the work is to be closed. */
  readonly onStopped: () => void;
};

/** Keeps the read models and the processes' to-do lists; `changed` hears what changed in those. */
export const startEngine = (
  {
    store,
    db,
    pool,
    clock,
    clockSpeed,
    machinePauseMs: lingerMs = LINGER_MS / clockSpeed,
    log,
  }: Pick<WorkOptions, 'store' | 'db' | 'pool' | 'clock' | 'clockSpeed' | 'machinePauseMs' | 'log'>,
  changed: (changes: TodoChanges) => void = () => {},
  onStopped: () => void = () => {},
): Projections =>
  startProjections({
    ...{ db: pipelined(pool, db), store, clock, log, lingerMs, onStopped, snapshots: SNAPSHOTS },
    models: [...projections.map((projection) => tableModel(projection)), ...processes.map((process) => processModel(process, changed))],
  });

/** Keeps the read models, and does what processes owe. */
export const startWork = ({
  store,
  db,
  pool,
  clock,
  clockSpeed,
  machinePauseMs,
  log,
  newId,
  offsetOf,
  execute,
  onStopped,
}: WorkOptions) => {
  let changed: (changes: TodoChanges) => void = () => {};
  const engine = startEngine({ store, db, pool, clock, clockSpeed, machinePauseMs, log }, (changes) => changed(changes), onStopped);
  const lagOf = (names?: readonly string[]): number =>
    Math.max(0, ...engine.progress().map(({ name, lagMs }) => (names?.includes(name) === false ? 0 : (lagMs ?? 0))));
  const poll = () =>
    startPoller({
      ...{ db, clock, log, offsetOf },
      processes: processNames,
      random: Math.random,
      leaseMs: LEASE_MS * clockSpeed,
      alone: true, // under the folder's lock or the lease
      isBehind: () => lagOf(processNames) > BEHIND_MS * clockSpeed,
      execute: ({ process, command, cause, correlationId }) =>
        execute(command as ProcessCommand, {
          // to-do entries hold what the processes above put there
          ...{ commandId: newId(), correlationId, causationId: cause },
          actor: { kind: 'process', id: process, name: process },
        }),
    });
  let poller: Poller | undefined;
  let closed = false;
  void engine.caughtUp(processNames).then(() => {
    if (closed) return;
    poller = poll();
    changed = poller.changed;
  });
  return {
    lagMs: () => lagOf(),
    engine,
    /** Settings or waits changed, and so may have what is due when. */
    offsetsChanged: () => poller?.offsetsChanged(),
    close: (): Promise<void> => {
      closed = true;
      return closeAll([engine.close, () => poller?.close()]);
    },
  };
};
