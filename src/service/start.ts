import { randomUUID } from 'node:crypto';
import { Kysely, PostgresDialect } from 'kysely';
import type { Logger } from 'pino';
import { buildApi, buildHealth } from '../api/app.ts';
import type { ApiDeps } from '../api/deps.ts';
import type { Clock } from '../clock.ts';
import { placeTaker } from '../commands/places.ts';
import type { Config } from '../config.ts';
import { bookableQueues } from '../domain/configuration/state.ts';
import type { CarryOut, Command } from '../embedded/control-socket.ts';
import { noting } from '../eventstore/noting.ts';
import type { AgentOccupancy, AgentSettings } from '../integrations/simulator/agents.ts';
import { linePage } from '../live/line-page.ts';
import { queueFacts } from '../live/queue-facts.ts';
import { offsetOf } from '../processes/offsets.ts';
import { backUpKeys } from './backup.ts';
import { type BootstrapSecrets, bootstrap, simulatorKey } from './bootstrap.ts';
import { type Closing, closeAfterFailure, closeAll } from './closing.ts';
import { openContactCenter } from './contact-center.ts';
import { deadLettersIn } from './dead-letters-in.ts';
import { earlierLists } from './earlier-lists.ts';
import { startErrorsList } from './errors-list.ts';
import { freeSlots } from './free-slots.ts';
import { startKeyBackups } from './key-backups.ts';
import { startKeyUses } from './key-uses.ts';
import { followLease } from './lease.ts';
import { serviceMetrics } from './metrics.ts';
import { modelWork } from './model-work.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { owedIn } from './owed-in.ts';
import { parkedIn } from './parked-in.ts';
import { readModels } from './read-models.ts';
import { unanswered } from './readiness.ts';
import { sharedReports } from './shared-center.ts';
import { openSignIn } from './sign-in.ts';
import { slotDays } from './slot-days.ts';
import { openStores } from './stores.ts';
import { taskOn } from './tasks.ts';
import { startViews } from './views.ts';
import { processNames } from './work.ts';
import { startWorker, type Worker } from './worker.ts';

const VERSION = '0.1.0';
const ANSWER_MS = 2_000;

export type ServiceOptions = {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  /** How many ms of the clock pass in one of the machine's. */
  readonly clockSpeed?: number;
  /** The simulated contact center's agents; ten on every queue around the clock when left out. */
  readonly agents?: readonly AgentSettings[];
  /** Shortens the lease's times, for tests that wait for a hand-over. */
  readonly lease?: { readonly lookMs: number; readonly silenceMs: number };
  /** For tests that come between the service and its stores, on a clock of their own: see `openStores`, and how long is waited by the machine's. */
  readonly storesFrom?: typeof openStores<Command>;
  readonly machinePauseMs?: number;
};

/** A running service. Secrets are those made or given at this start; those made at an earlier one can't be read again. */
export type Service = {
  /** Where it answers; of a worker, only health and metrics. */
  readonly url: string;
  readonly secrets: BootstrapSecrets;
  /** How the simulated agents spent their time; none without the simulator. */
  readonly agents: () => readonly AgentOccupancy[];
  readonly close: () => Promise<void>;
};

/** Opens the stores, follows the log, serves, and does the work where the lease is. Rejects with a sentence when something needs a person. */
export const startService = async (options: ServiceOptions): Promise<Service> => {
  const { config, clock, log, clockSpeed = 1, agents: agentSettings, lease, storesFrom = openStores, machinePauseMs } = options;
  const closing: Closing = [];
  const close = () => closeAll(closing);
  try {
    let carryOut: CarryOut<Command> = () => Promise.reject(new Error('The service is only just starting.'));
    const stores = await storesFrom(config, log, { carryOut: (task: Command, asked) => carryOut(task, asked), now: clock.now });
    closing.push(stores.close, stores.endCommands);
    const { keyring, pool, requestPool } = stores;
    const { store, lastAppended } = noting(stores.store);
    const newId = () => randomUUID();
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
    const asked = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: requestPool }) });
    const views = await startViews({ store, keyring, db, clock, clockSpeed, log });
    closing.push(views.feed.close);
    await views.feed.caughtUp;
    const { configuration, access, lines, places, feed } = views;

    let worker: Worker | undefined;
    let workStopped = false;
    let hasCredentials = false;
    const engine = () => {
      if (worker === undefined) throw new Error('another node does the work; ask that one.');
      return worker.work.engine;
    };
    const exclusive = oneAtATime();
    carryOut = taskOn({ stores, config, engine, exclusive });
    const { KEYS_BACKUP_DIR: dir, KEYS_BACKUP_EVERY_HOURS: everyHours, KEYS_BACKUP_KEEP_DAYS: keepDays } = config;
    if (dir !== undefined) {
      const backUp = (to: string) => exclusive('backup of keys', () => backUpKeys(keyring, config.DATA_DIR, to));
      closing.push(startKeyBackups({ dir, everyHours, keepDays, backUp, clock, log }).close);
    }
    const checks = {
      'event store': store.lastPosition,
      postgres: () => requestPool.query('select 1'),
      'live views': async () => feed.isCaughtUp(),
      credentials: async () => hasCredentials,
      'read models': async () => !workStopped,
    };
    const { DATABASE_URL: connectionString } = config;
    const shared = connectionString === undefined ? undefined : sharedReports({ connectionString, db: asked, views, clock, log });
    if (shared) closing.push(shared.close);
    const reports = shared?.reports ?? views.reports;
    const lists = earlierLists({ db, store, log });
    const errorsList = startErrorsList({ db: asked, clock, log });
    closing.push(lists.close, errorsList.close);
    const signIn = openSignIn(config, { db: asked, hash: keyring.hash, clock, log });
    closing.push(signIn.close);
    const keyUses = startKeyUses({ db: asked, log });
    closing.push(keyUses.close);
    const tables = readModels({ db: asked, store, seen: feed.position, worker: () => worker, clock, clockSpeed });
    const own = () => worker?.work.engine;
    const days = slotDays(configuration.current, places);
    const deps: ApiDeps = {
      keyUses,
      ...{ access, log, errorsList, signIn: signIn.deps, waiting: lines, liveWaitFor: feed.waitFor },
      ...{
        reportAgents: reports.agents,
        reportFlow: reports.flow,
        reportRegions: reports.regions,
        knownRegions: views.regions.known,
        queueFacts: queueFacts({ ...views, clock }),
        linePage: linePage(lines, views.board, clock),
      },
      commands: {
        ...{ store, keys: keyring, configuration: configuration.current, estimatedWaitSeconds: lines.estimatedWait, clock, newId },
        configurationSoFar: configuration.soFar,
        nextPosition: lines.nextPosition,
        places: placeTaker(store, configuration.current),
        reserveBooking: views.bookings.reserve,
        isBarred: views.isBarred,
      },
      doNotCall: views.doNotCall,
      notReady: () => unanswered(checks, ANSWER_MS),
      slotDays: days,
      // nobody else writes to the embedded log
      logEnd: config.EVENTSTORE_URL === undefined ? async () => lastAppended() : store.lastPosition,
      freeSlots: (queue, around, count) => freeSlots(days, { queue, around, count, now: clock.now() }),
      earlier: lists,
      readModels: tables,
      modelWork: modelWork({ db: asked, engine: own, lagMs: tables.lagMs, processes: processNames, exclusive, clock, log }),
      parked: parkedIn(asked),
      processNames,
      owed: owedIn({ db: asked, offsetOf: offsetOf(configuration.current, lines.estimatedWait, views.businessDays.nextEnd), clock }),
      deadLetters: deadLettersIn(asked),
    };
    const queues = () => bookableQueues(configuration.current());
    const registry = serviceMetrics(lines, queues, () => worker, db);
    const app = config.ROLE === 'worker' ? await buildHealth(deps, { registry }) : await buildApi(deps, { version: VERSION, registry });
    closing.push(() => app.close());
    const url = await app.listen({ host: config.HOST, port: config.PORT }).catch((error: Error) => {
      throw new Error(`HOST, PORT: ${error.message}`);
    });
    // after listening: what is made here is shown once, and a start that fails would take it along
    const secrets = await bootstrap({ store, keyring, configuration, clock, newId }, config);
    const last = await store.lastPosition();
    if (last !== undefined) await feed.waitFor(last, ANSWER_MS);
    hasCredentials = true;

    const { connector, ...center } = await openContactCenter({
      ...{ config, clock, clockSpeed, machinePauseMs, log, serviceUrl: url },
      ...{ connectorKey: simulatorKey(keyring), agents: agentSettings, queues },
    });
    closing.push(center.close);
    const work = (onStopped: () => void) => {
      worker = startWorker({ store, keyring, db, pool, views, connector, clock, clockSpeed, machinePauseMs, newId, log, onStopped });
      const { close: stop } = worker;
      return {
        close: async () => {
          worker = undefined;
          await stop();
        },
      };
    };
    if (config.ROLE !== 'api') {
      const held =
        connectionString === undefined
          ? work(() => {
              workStopped = true;
            })
          : followLease({ ...{ connectionString, log, held: async (giveUp) => work(giveUp) }, ...lease });
      closing.push(held.close);
    }
    return { url, secrets, agents: center.agents, close };
  } catch (error) {
    await closeAfterFailure(closing);
    throw error;
  }
};
