import { randomBytes, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { buildApi } from '../api/app.ts';
import type { ApiDeps } from '../api/deps.ts';
import type { Clock } from '../clock.ts';
import type { CommandDeps } from '../commands/deps.ts';
import { placeTaker } from '../commands/places.ts';
import type { Config } from '../config.ts';
import { bookableQueues } from '../domain/configuration/state.ts';
import { connectorClient } from '../integrations/connector/client.ts';
import type { AgentOccupancy, AgentSettings } from '../integrations/simulator/agents.ts';
import { startSimulator } from '../integrations/simulator/simulator.ts';
import { accessView } from '../live/access.ts';
import { agentsView } from '../live/agents.ts';
import { configurationView } from '../live/configuration.ts';
import { followLive } from '../live/follow.ts';
import { lostKeysView } from '../live/lost-keys.ts';
import { offsetChangesView } from '../live/offset-changes.ts';
import { placesView } from '../live/places.ts';
import { waitingLinesView } from '../live/waiting-lines.ts';
import { startAttempt } from '../processes/attempt.ts';
import { startDispatch } from '../processes/dispatch.ts';
import { execute } from '../processes/execute.ts';
import { startKeyRetention } from '../processes/key-retention.ts';
import { offsetOf } from '../processes/offsets.ts';
import { bootstrapConfiguration, bootstrapCredential } from './bootstrap.ts';
import { freeSlots } from './free-slots.ts';
import { openStores } from './stores.ts';
import { startWork } from './work.ts';

const VERSION = '0.1.0';
const CONNECTOR_TIMEOUT_MS = 10_000;
const READY_TIMEOUT_MS = 2_000;

export type ServiceOptions = {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  /** How many ms of the clock pass in one of the machine's. */
  readonly clockSpeed?: number;
  /** The simulated contact center's agents; ten on every queue around the clock when left out. */
  readonly agents?: readonly AgentSettings[];
};

/** A running service. Secrets are those made or given at this start; those made at an earlier one can't be read again. */
export type Service = {
  readonly url: string;
  readonly secrets: {
    readonly apiKey: string | undefined;
    readonly adminToken: string | undefined;
    readonly connectorKey: string | undefined;
  };
  /** How the simulated agents spent their time; none without the simulator. */
  readonly agents: () => readonly AgentOccupancy[];
  readonly close: () => Promise<void>;
};

/** Opens the stores, follows the log, and serves. Rejects with a sentence when something in the way needs a person. */
export const startService = async ({ config, clock, log, clockSpeed = 1, agents: agentSettings }: ServiceOptions): Promise<Service> => {
  const stop = new AbortController();
  const closing: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    stop.abort();
    for (const closeOne of closing.splice(0).reverse()) await closeOne();
  };
  try {
    const stores = await openStores(config, log);
    closing.push(stores.close);
    const { store, keyring, pool } = stores;
    const newId = () => randomUUID();

    const configuration = configurationView();
    const access = accessView();
    const agents = agentsView(clockSpeed);
    const places = placesView();
    const lines = waitingLinesView(configuration.current, clock);
    let wakeDispatch = () => {};
    let offsetsChanged = () => {};
    const live = followLive(
      store,
      [configuration, access, agents, places, lines, lostKeysView(keyring), offsetChangesView(() => offsetsChanged())],
      {
        log,
        applied: () => wakeDispatch(),
      },
    );
    closing.push(live.close);
    await live.caughtUp;

    const bootstrap = { store, keyring, access, clock, newId };
    if (configuration.current().queues.size === 0) await bootstrapConfiguration(bootstrap);
    const { BOOTSTRAP_API_KEY, BOOTSTRAP_ADMIN_TOKEN, BOOTSTRAP_CONNECTOR_KEY } = config;
    const secrets = {
      apiKey: await bootstrapCredential(bootstrap, {
        kind: 'key',
        name: 'api',
        given: BOOTSTRAP_API_KEY,
        rights: ['callbacks', 'call-in', 'statistics'],
      }),
      adminToken: await bootstrapCredential(bootstrap, {
        kind: 'token',
        name: 'admin',
        given: BOOTSTRAP_ADMIN_TOKEN,
        roles: ['Administrator'],
      }),
      connectorKey: await bootstrapCredential(bootstrap, {
        kind: 'key',
        name: 'connector',
        given: BOOTSTRAP_CONNECTOR_KEY,
        rights: ['connector'],
      }),
    };
    const simulatorKey = keyring.hash('bootstrap', 'simulator');
    if (config.simulator)
      await bootstrapCredential(bootstrap, { kind: 'key', name: 'simulator', given: simulatorKey, rights: ['connector'] });
    const last = await store.lastPosition();
    if (last !== undefined) await live.waitFor(last, READY_TIMEOUT_MS);

    let connector: ReturnType<typeof connectorClient> | undefined;
    const connected = () => {
      if (connector === undefined)
        throw new Error('no contact center is connected: set CONNECTOR_URL and CONNECTOR_SECRET, or SIMULATOR=on');
      return connector;
    };
    const executeDeps = {
      ...{ store, configuration: configuration.current, estimatedWait: lines.estimatedWait, clock },
      connector: { withdraw: (message: { attemptId: string }) => connected().withdraw(message) },
    };
    const work = startWork({
      store,
      pool,
      clock,
      clockSpeed,
      log,
      newId,
      offsetOf: offsetOf(configuration.current, lines.estimatedWait),
      execute: execute(executeDeps),
    });
    closing.push(work.close);
    offsetsChanged = work.offsetsChanged;
    closing.push(startKeyRetention({ store, keyring, clock, log }).close);

    const commands: CommandDeps = {
      ...{ store, keys: keyring, configuration: configuration.current, estimatedWaitSeconds: lines.estimatedWait, clock, newId },
      places: placeTaker(store, configuration.current),
    };
    const notReady = async (): Promise<readonly string[]> => {
      const answers = async (name: string, ask: () => Promise<unknown>) => {
        const late = AbortSignal.timeout(READY_TIMEOUT_MS);
        const answered = await Promise.race([
          ask().then(
            () => true,
            () => false,
          ),
          new Promise<false>((resolve) => late.addEventListener('abort', () => resolve(false))),
        ]);
        return answered ? [] : [name];
      };
      const [events, tables] = await Promise.all([
        answers('event store', store.lastPosition),
        answers('postgres', () => pool.query('select 1')),
      ]);
      return [...events, ...tables, ...(live.isCaughtUp() ? [] : ['live views'])];
    };
    const deps: ApiDeps = {
      ...{ commands, access, agents, log, notReady },
      waiting: lines,
      freeSlots: (queue, around, count) => freeSlots(configuration.current(), places, { queue, around, count, now: clock.now() }),
      readModels: { db: work.db, table: (projection) => projection, waitFor: work.engine.waitFor, lagMs: work.lagMs },
      liveWaitFor: live.waitFor,
      agentsChanged: () => wakeDispatch(),
    };
    const app = await buildApi(deps, { version: VERSION });
    closing.push(() => app.close());
    const url = await app.listen({ host: config.HOST, port: config.PORT });

    let agentTimes: () => readonly AgentOccupancy[] = () => [];
    const connectorSecret = config.CONNECTOR_SECRET ?? `whsec_${randomBytes(32).toString('base64')}`;
    let connectorUrl = config.CONNECTOR_URL;
    if (config.simulator) {
      const simulator = await startSimulator({
        ...{ secret: connectorSecret, serviceUrl: url, connectorKey: simulatorKey, clock, clockSpeed, log },
        ...{ speed: config.SIMULATOR_SPEED, seed: config.SIMULATOR_SEED, queues: () => bookableQueues(configuration.current()) },
        ...(agentSettings === undefined ? {} : { agents: agentSettings }),
      });
      closing.push(simulator.close);
      agentTimes = () => simulator.stats().agents;
      connectorUrl = simulator.url;
    }
    if (connectorUrl !== undefined) {
      const client = connectorClient({ url: connectorUrl, secret: connectorSecret, clock, timeoutMs: CONNECTOR_TIMEOUT_MS * clockSpeed });
      connector = client;
      closing.push(client.close);
      const dispatcher = startDispatch({
        ...{ store, lines, agents, configuration: configuration.current, liveWaitFor: live.waitFor, clock, newId, log },
        start: (decision, context) =>
          startAttempt({ store, configuration: configuration.current, connector: client, clock, signal: stop.signal }, decision, context),
      });
      closing.push(dispatcher.close);
      wakeDispatch = dispatcher.wake;
      wakeDispatch();
    } else log.warn('no contact center is connected: callbacks are booked and wait');
    return { url, secrets, agents: () => agentTimes(), close };
  } catch (error) {
    await close();
    throw error;
  }
};
