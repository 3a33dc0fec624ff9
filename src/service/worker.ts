import { setMaxListeners } from 'node:events';
import type { Kysely } from 'kysely';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import type { ConnectorClient } from '../integrations/connector/client.ts';
import type { Keyring } from '../keys/keyring.ts';
import { startAttempt } from '../processes/attempt.ts';
import { startDispatch } from '../processes/dispatch.ts';
import { execute } from '../processes/execute.ts';
import { startKeyRetention } from '../processes/key-retention.ts';
import { offsetOf } from '../processes/offsets.ts';
import { closeAll } from './closing.ts';
import type { Views } from './views.ts';
import { waitingBefore } from './waiting-before.ts';
import { startWork } from './work.ts';

export type WorkerDeps = {
  readonly store: EventStore;
  readonly keyring: Keyring;
  readonly db: Kysely<unknown>;
  readonly pool: pg.Pool;
  readonly views: Views;
  /** Undefined while no contact center is connected: callbacks wait. */
  readonly connector: ConnectorClient | undefined;
  readonly clock: Clock;
  readonly clockSpeed: number;
  /** See `ServiceOptions`. */
  readonly machinePauseMs?: number | undefined;
  readonly newId: () => string;
  readonly log: Logger;
  /** See `WorkOptions`. */
  readonly onStopped: () => void;
};

/** What one node at a time does: read models, processes, dispatch, and the ends of keys. */
export const startWorker = (deps: WorkerDeps) => {
  const { store, keyring, db, pool, views, connector, clock, clockSpeed, machinePauseMs, newId, log, onStopped } = deps;
  const { configuration, board, businessDays, lines, feed } = views;
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // every attempt on its way listens
  const shared = { store, configuration: configuration.current, clock };
  const noConnector = { withdraw: () => Promise.reject(new Error('no contact center is connected')) };
  const work = startWork({
    ...{ store, db, pool, clock, clockSpeed, machinePauseMs, log, newId, onStopped },
    offsetOf: offsetOf(configuration.current, lines.estimatedWait, businessDays.nextEnd),
    execute: execute({
      ...shared,
      estimatedWait: lines.estimatedWait,
      nextPosition: lines.nextPosition,
      unrecordedDay: businessDays.unrecorded,
      waitingBefore: waitingBefore({
        ...{ db, lastPosition: store.lastPosition },
        waitFor: (position, timeoutMs, name) => work.engine.waitFor(position, timeoutMs * clockSpeed, name),
      }),
      connector: connector ?? noConnector,
    }),
  });
  const retention = startKeyRetention({ store, keyring, clock, log });
  const dispatcher =
    connector &&
    startDispatch({
      ...{ ...shared, lines, board, clockSpeed, liveWaitFor: feed.waitFor, newId, log, isDown: connector.isDown },
      start: (decision, context) =>
        startAttempt({ ...shared, connector, isBarred: views.isBarred, signal: stop.signal, random: Math.random }, decision, context),
    });
  const deafen = views.listen({ folded: () => dispatcher?.wake(), offsetsChanged: work.offsetsChanged });
  dispatcher?.wake();
  return {
    work,
    close: (): Promise<void> => closeAll([work.close, retention.close, () => dispatcher?.close(), () => stop.abort(), deafen]),
  };
};
export type Worker = ReturnType<typeof startWorker>;
