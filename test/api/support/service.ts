import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { buildApi } from '../../../src/api/app.ts';
import type { ApiDeps } from '../../../src/api/deps.ts';
import type { ConnectionLimits } from '../../../src/api/server-options.ts';
import { entryOf } from '../../../src/commands/do-not-call.ts';
import { placeTaker } from '../../../src/commands/places.ts';
import { readConfig } from '../../../src/config.ts';
import type { KeyLimits, Right } from '../../../src/domain/access/events.ts';
import { predefinedGroups, type Role } from '../../../src/domain/access/roles.ts';
import { startEventStore } from '../../../src/embedded/event-store/start.ts';
import { startPostgres } from '../../../src/embedded/postgres/start.ts';
import { connectEventStore } from '../../../src/eventstore/client.ts';
import { openKeyring } from '../../../src/keys/keyring.ts';
import { lmdbKeyStore } from '../../../src/keys/lmdb-key-store.ts';
import { keyringSealer } from '../../../src/keys/sealer.ts';
import { accessView } from '../../../src/live/access.ts';
import { agentsView } from '../../../src/live/agents.ts';
import { bookingCounts } from '../../../src/live/booking-counts.ts';
import { configurationView } from '../../../src/live/configuration.ts';
import { departuresView } from '../../../src/live/departures.ts';
import { dispatchBoard } from '../../../src/live/dispatch-board.ts';
import { doNotCallView } from '../../../src/live/do-not-call.ts';
import { flowView } from '../../../src/live/flow.ts';
import { followLive } from '../../../src/live/follow.ts';
import { linePage } from '../../../src/live/line-page.ts';
import { placesView } from '../../../src/live/places.ts';
import { queueFacts } from '../../../src/live/queue-facts.ts';
import { regionsView } from '../../../src/live/regions.ts';
import { waitingLinesView } from '../../../src/live/waiting-lines.ts';
import { processModel } from '../../../src/processes/kit/process-model.ts';
import { offsetOf } from '../../../src/processes/offsets.ts';
import { retention } from '../../../src/processes/retention.ts';
import { auditIndex } from '../../../src/projections/audit-index.ts';
import { callbackList } from '../../../src/projections/callback-list.ts';
import { doNotCallList } from '../../../src/projections/do-not-call.ts';
import { startProjections } from '../../../src/projections/kit/engine.ts';
import { tableModel } from '../../../src/projections/kit/model.ts';
import { logInstants } from '../../../src/projections/log-instants.ts';
import { bootstrapConfiguration, bootstrapCredential } from '../../../src/service/bootstrap.ts';
import { deadLettersIn } from '../../../src/service/dead-letters-in.ts';
import { earlierLists } from '../../../src/service/earlier-lists.ts';
import { startErrorsList } from '../../../src/service/errors-list.ts';
import { freeSlots } from '../../../src/service/free-slots.ts';
import { startKeyUses } from '../../../src/service/key-uses.ts';
import { modelWork } from '../../../src/service/model-work.ts';
import { oneAtATime } from '../../../src/service/one-at-a-time.ts';
import { owedIn } from '../../../src/service/owed-in.ts';
import { parkedIn } from '../../../src/service/parked-in.ts';
import { openSignIn } from '../../../src/service/sign-in.ts';
import { slotDays } from '../../../src/service/slot-days.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { freshPostgresDir } from '../../support/postgres.ts';

/** The instant at which the clock of a test begins, and stands still. */
export const NOW = Date.parse('2026-03-02T10:00:00.000Z');

const REAL_MS = 10_000;
const GENEROUS: KeyLimits = { immediatePerNumberPerDay: 1_000_000, bookingsPerQueuePerMinute: 1_000_000 };
/** Of a password's hash: what is tried isn't how long it takes. */
export const CHEAP = { N: 1024, r: 8, p: 1 };

/** Everything that was logged, line by line. */
const logLines = () => {
  const lines: string[] = [];
  return { lines, log: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }) };
};

/**
 * The API over HTTP, on a real event store, keyring, live views and read models; without the processes, so that nothing happens but what
 * a test asks for. `tamper` may replace what routes are given; `env` is what is set;
 * `limits`, how long a request may take to arrive.
 */
export const startApi = async (
  tamper: (deps: ApiDeps) => Partial<ApiDeps> = () => ({}),
  env: Readonly<Record<string, string>> = {},
  limits?: ConnectionLimits,
) => {
  const dir = await mkdtemp(join(tmpdir(), 'ringback-api-'));
  const clock = manualClock(NOW);
  const { lines, log } = logLines();
  const keyring = await openKeyring({
    store: await lmdbKeyStore({ dir: join(dir, 'keys') }),
    secretsKey: Buffer.alloc(32, 7).toString('base64'),
  });
  const events = await startEventStore({ dir: join(dir, 'events') });
  const store = await connectEventStore(events.connectionString, keyringSealer(keyring));
  const postgres = await startPostgres({ dir: await freshPostgresDir() });
  const pool = new pg.Pool(postgres.poolConfig);
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });

  const access = accessView();
  const configuration = configurationView();
  const agents = agentsView();
  const places = placesView();
  const departures = departuresView((queue) => agents.loggedIn(queue, clock.now()));
  const flow = flowView(departures.tell);
  const regions = regionsView();
  const bookings = bookingCounts();
  const barred = doNotCallView();
  const waiting = waitingLinesView(configuration.current, clock, departures, flow);
  const views = [access, configuration, agents, places, departures, bookings, waiting, barred].map((view) => ({ view, after: undefined }));
  const live = followLive(store, views, { log, applied: () => undefined });
  const projections = startProjections({
    ...{ store, idAt: store.idAt, clock, log },
    db: new Kysely({ dialect: new PostgresDialect({ pool }) }),
    models: [tableModel(callbackList), tableModel(doNotCallList), tableModel(logInstants), tableModel(auditIndex), processModel(retention)],
  });
  await live.caughtUp;

  const bootstrap = { store, keyring, clock, newId: randomUUID };
  await bootstrapConfiguration(bootstrap);
  const limitedKey = async (name: string, limits: KeyLimits, ...rights: Right[]): Promise<string> =>
    (await bootstrapCredential(bootstrap, { name, given: undefined, kind: 'key', rights, limits })) ?? '';
  const key = (name: string, ...rights: Right[]): Promise<string> => limitedKey(name, GENEROUS, ...rights);
  const token = async (name: string, ...roles: Role[]): Promise<string> => {
    const groups = Object.entries(predefinedGroups).flatMap(([group, [role]]) =>
      role !== undefined && roles.includes(role) ? [group] : [],
    );
    return (await bootstrapCredential(bootstrap, { name, given: undefined, kind: 'token', groups })) ?? '';
  };
  const apiKey = await key('web site', 'callbacks', 'call-in', 'statistics');
  const connectorKey = await key('contact center', 'connector');
  const adminToken = await token('administrator', 'Administrator');

  const current = configuration.current;
  const earlier = earlierLists({ db, store, log });
  const errorsList = startErrorsList({ db, clock, log });
  const signIn = openSignIn(readConfig(env), { db, hash: keyring.hash, clock, log, cost: CHEAP });
  const keyUses = startKeyUses({ db, log });
  const exclusive = oneAtATime();
  const board = dispatchBoard({ configuration: current, lines: waiting, agents, flow, regions });
  const days = slotDays(current, places);
  const deps: ApiDeps = {
    commands: {
      ...{ store, keys: keyring, clock, configuration: current, configurationSoFar: configuration.soFar, newId: randomUUID },
      estimatedWaitSeconds: waiting.estimatedWait,
      places: placeTaker(store, current),
      reserveBooking: bookings.reserve,
      isBarred: (phoneNumber) => barred.has(entryOf(keyring.hash, phoneNumber)),
    },
    ...{ access, waiting, log, doNotCall: barred },
    slotDays: days,
    linePage: linePage(waiting, board, clock),
    logEnd: store.lastPosition,
    freeSlots: (queue, around, count) => freeSlots(days, { queue, around, count, now: clock.now() }),
    readModels: {
      db,
      table: (name) => name,
      waitFor: (position) => projections.waitFor(position, REAL_MS),
      problem: async () => null,
      lagMs: async () => projections.progress()[0]?.lagMs ?? 0,
    },
    parked: parkedIn(db),
    processNames: [retention.name],
    owed: owedIn({ db, offsetOf: offsetOf(current, waiting.estimatedWait, () => null), clock }),
    deadLetters: deadLettersIn(db),
    modelWork: modelWork({
      ...{ db, engine: () => projections, lagMs: async () => 0, processes: [retention.name], exclusive, clock, log },
    }),
    ...{ earlier, keyUses, errorsList, signIn: signIn.deps },
    liveWaitFor: (position) => live.waitFor(position, REAL_MS),
    reportAgents: async (report) => agents.report(report, clock.now()),
    reportFlow: async (report) => flow.report(report, clock.now()),
    reportRegions: async (report) => regions.report(report, clock.now()),
    knownRegions: regions.known,
    queueFacts: queueFacts({ lines: waiting, flow, agents, departures, clock }),
    notReady: async () => [],
  };
  const app = await buildApi({ ...deps, ...tamper(deps) }, { version: '0.0.0', registry: new Registry(), ...(limits && { limits }) });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const settle = async () => {
    const last = await store.lastPosition();
    if (last !== undefined) await live.waitFor(last, REAL_MS);
  };
  await settle();

  let hasDatabase = true;
  const loseDatabase = async () => {
    hasDatabase = false;
    await earlier.close();
    await errorsList.close();
    await keyUses.close();
    signIn.close();
    await projections.close();
    await pool.end();
    await postgres.close();
  };
  const close = async () => {
    await app.close();
    if (hasDatabase) await loseDatabase();
    await live.close();
    await store.close();
    await events.close();
    await keyring.close();
    await rm(dir, { recursive: true, force: true });
  };
  return {
    url,
    app,
    agents,
    flow,
    regions,
    departures,
    apiKey,
    connectorKey,
    adminToken,
    key,
    limitedKey,
    token,
    clock,
    store,
    events,
    settle,
    lines,
    deps,
    exclusive,
    projections,
    loseDatabase,
    close,
  };
};

export type TestApi = Awaited<ReturnType<typeof startApi>>;
