import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { type CarryOut, type Command, holdFolder } from '../embedded/control-socket.ts';
import { startEventStore } from '../embedded/event-store/start.ts';
import { startPostgres } from '../embedded/postgres/start.ts';
import { connectEventStore } from '../eventstore/client.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import { type Keyring, openKeyring } from '../keys/keyring.ts';
import { lmdbKeyStore } from '../keys/lmdb-key-store.ts';
import { postgresKeyStore } from '../keys/postgres-key-store.ts';
import { keyringSealer } from '../keys/sealer.ts';
import { type Closing, closeAfterFailure, closeAll } from './closing.ts';
import { keptSecretsKey } from './secrets-key-file.ts';

/** Connections of the read models' pool on a real Postgres. */
const POOL_SIZE = 10;
/** A node that stops in the middle of a transaction keeps its locks no longer, or the one that takes over would wait for it. */
const IDLE_IN_TRANSACTION_MS = 5_000;

/** What the service keeps its facts, keys and read models in, real or embedded. */
export type Stores = {
  readonly store: EventStore;
  readonly keyring: Keyring;
  readonly pool: pg.Pool;
  /** Copies the embedded event store as it is into a new folder; undefined for a real one. */
  readonly backUpEvents: ((to: string) => Promise<void>) | undefined;
  readonly close: () => Promise<void>;
};

const openKeys = async (config: Config, log: Logger): Promise<Keyring> => {
  const { DATA_DIR, DATABASE_URL, KEYS_DATABASE_URL, SECRETS_KEY } = config;
  const connectionString = KEYS_DATABASE_URL ?? DATABASE_URL;
  if (KEYS_DATABASE_URL === undefined && DATABASE_URL !== undefined) {
    log.warn('KEYS_DATABASE_URL is not set: keys of personal data lie beside the read models, and in the same backups');
  }
  const store =
    connectionString === undefined
      ? await lmdbKeyStore({ dir: join(DATA_DIR, 'keys') })
      : await postgresKeyStore({ pool: { connectionString, idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS } });
  return openKeyring({ store, secretsKey: SECRETS_KEY ?? (await keptSecretsKey(DATA_DIR)) });
};

const notHere = () => Promise.reject(new Error('The process that holds the data takes no commands.'));

/** Opens all stores; those that are embedded share DATA_DIR, which one process holds at a time. Rejects with a sentence when it is held. `carryOut` does what other processes ask of the holder. */
export const openStores = async <C extends Command>(config: Config, log: Logger, carryOut: CarryOut<C> = notHere): Promise<Stores> => {
  const { DATA_DIR, EVENTSTORE_URL, DATABASE_URL } = config;
  const closing: Closing = [];
  const close = () => closeAll(closing);
  try {
    await mkdir(DATA_DIR, { recursive: true });
    if (EVENTSTORE_URL === undefined || DATABASE_URL === undefined) closing.push(await holdFolder(DATA_DIR, 'The data', carryOut));
    const embeddedPostgres = DATABASE_URL === undefined ? startPostgres({ dir: join(DATA_DIR, 'postgres') }) : undefined;
    closing.push(async () => (await embeddedPostgres?.catch(() => undefined))?.close());
    embeddedPostgres?.catch(() => undefined); // awaited below, once what is quicker has opened
    const keyring = await openKeys(config, log);
    closing.push(keyring.close);
    const embedded = EVENTSTORE_URL === undefined ? await startEventStore({ dir: join(DATA_DIR, 'events') }) : undefined;
    if (embedded !== undefined) closing.push(embedded.close);
    const store = await connectEventStore(EVENTSTORE_URL ?? embedded?.connectionString ?? '', keyringSealer(keyring));
    closing.push(store.close);

    const postgres = await embeddedPostgres;
    if (postgres?.setAside !== undefined) log.warn({ setAside: postgres.setAside }, 'the read models did not open and are built anew');
    const pool = new pg.Pool(
      postgres?.poolConfig ?? {
        connectionString: DATABASE_URL,
        max: POOL_SIZE,
        idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      },
    );
    pool.on('error', (error) => log.warn({ err: error }, 'a Postgres connection broke'));
    pool.on('connect', (client) => client.on('error', () => undefined)); // one that breaks while borrowed fails its query, and would end the process
    closing.push(() => pool.end());
    return { store, keyring, pool, backUpEvents: embedded?.backUp, close };
  } catch (error) {
    await closeAfterFailure(closing);
    throw error;
  }
};
