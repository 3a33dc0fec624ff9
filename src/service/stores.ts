import { join } from 'node:path';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { type CarryOut, type Command, type Held, holdFolder } from '../embedded/control-socket.ts';
import { startEventStore } from '../embedded/event-store/start.ts';
import { startPostgres } from '../embedded/postgres/start.ts';
import { connectEventStore } from '../eventstore/client.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import type { Keyring } from '../keys/keyring.ts';
import { keyringSealer } from '../keys/sealer.ts';
import { type Closing, closeAfterFailure, closeAll } from './closing.ts';
import { openKeys } from './open-keys.ts';
import { poolOf, requestPoolOf } from './postgres-pool.ts';
import { refuseCutOffRestore } from './restore.ts';

/** Connections of the read models' pool on a real Postgres. */
const POOL_SIZE = 10;

/** What the service keeps its facts, keys and read models in, real or embedded. */
export type Stores = {
  readonly store: EventStore;
  readonly keyring: Keyring;
  readonly pool: pg.Pool;
  /** The same database for what requests ask, each statement for a limited time; the same pool where Postgres is embedded, and can't hang by itself. */
  readonly requestPool: pg.Pool;
  /** Copies the embedded event store as it is into a new folder; undefined for a real one. */
  readonly backUpEvents: ((to: string) => Promise<void>) | undefined;
  /** Lets no more commands of other processes begin, and waits for those under way. */
  readonly endCommands: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type StoresOptions<C extends Command> = {
  /** Does what other processes ask of this one. */
  readonly carryOut?: CarryOut<C>;
  /** For a command, which takes no keys, and isn't asked for anything where the stores are real. */
  readonly forCommand?: boolean;
  /** The clock (epoch ms) that keys expire by. */
  readonly now?: () => number;
};

const notHere = () => Promise.reject(new Error('The process that holds the data takes no commands.'));

/** Takes hold of DATA_DIR. Where nothing in it is needed, a node goes without: commands can't reach it then. */
const hold = async <C extends Command>(config: Config, log: Logger, carryOut: CarryOut<C>): Promise<Held | undefined> => {
  const { DATA_DIR, EVENTSTORE_URL, DATABASE_URL } = config;
  const holding = holdFolder(DATA_DIR, 'The data', carryOut);
  if (EVENTSTORE_URL === undefined || DATABASE_URL === undefined) return holding;
  return holding.catch((error): undefined => {
    log.info({ err: error }, 'commands can not reach this node, for it has no DATA_DIR of its own');
  });
};

/** Opens all stores; those that are embedded share DATA_DIR, which one process holds at a time. Rejects with a sentence when it is held. */
export const openStores = async <C extends Command>(config: Config, log: Logger, options: StoresOptions<C> = {}): Promise<Stores> => {
  const { DATA_DIR, EVENTSTORE_URL, DATABASE_URL } = config;
  const { carryOut = notHere, forCommand = false, now } = options;
  const isReal = EVENTSTORE_URL !== undefined && DATABASE_URL !== undefined;
  const closing: Closing = [];
  const close = () => closeAll(closing);
  try {
    const held = forCommand && isReal ? undefined : await hold(config, log, carryOut);
    closing.push(() => held?.release());
    await refuseCutOffRestore(DATA_DIR);
    const embeddedPostgres = DATABASE_URL === undefined ? startPostgres({ dir: join(DATA_DIR, 'postgres') }) : undefined;
    closing.push(async () => (await embeddedPostgres?.catch(() => undefined))?.close());
    embeddedPostgres?.catch(() => undefined); // awaited below, once what is quicker has opened
    const keyring = await openKeys(config, log, { ahead: forCommand ? 0 : undefined, now });
    closing.push(keyring.close);
    const embedded = EVENTSTORE_URL === undefined ? await startEventStore({ dir: join(DATA_DIR, 'events') }) : undefined;
    if (embedded !== undefined) closing.push(embedded.close);
    const store = await connectEventStore(EVENTSTORE_URL ?? embedded?.connectionString ?? '', keyringSealer(keyring));
    closing.push(store.close);

    const postgres = await embeddedPostgres;
    if (postgres?.setAside !== undefined) log.warn({ setAside: postgres.setAside }, 'the read models did not open and are built anew');
    const open = (pooling: pg.PoolConfig): pg.Pool => {
      const pool = new pg.Pool(pooling);
      pool.on('error', (error) => log.warn({ err: error }, 'a Postgres connection broke'));
      pool.on('connect', (client) => client.on('error', () => undefined)); // one that breaks while borrowed fails its query, and would end the process
      closing.push(() => pool.end());
      return pool;
    };
    const pool = open(postgres?.poolConfig ?? { ...poolOf(DATABASE_URL), max: POOL_SIZE });
    const requestPool = postgres === undefined ? open({ ...requestPoolOf(DATABASE_URL), max: POOL_SIZE }) : pool;
    return { store, keyring, pool, requestPool, backUpEvents: embedded?.backUp, endCommands: async () => held?.endCommands(), close };
  } catch (error) {
    await closeAfterFailure(closing);
    throw error;
  }
};
