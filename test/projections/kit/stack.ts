import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient } from '@eventstore/db-client';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { pino } from 'pino';
import type { DomainEvent } from '../../../src/domain/catalogue.ts';
import { startEventStore } from '../../../src/embedded/event-store/start.ts';
import { startPostgres } from '../../../src/embedded/postgres/start.ts';
import { connectEventStore } from '../../../src/eventstore/client.ts';
import type { CommandContext, Sealer } from '../../../src/eventstore/codec.ts';
import type { EventStore } from '../../../src/eventstore/event-store.ts';
import type { Database } from '../../../src/projections/kit/database.ts';
import { pipelined } from '../../../src/projections/kit/pipelined.ts';
import { freshPostgresDir } from '../../support/postgres.ts';
import { startRealPostgres } from './real-postgres.ts';

export const silent = pino({ level: 'silent' });

/** A log that keeps the messages of warnings and errors. */
export const listening = () => {
  const said: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void said.push(line) });
  return { log, said };
};

export type TestDatabase = {
  readonly db: Database;
  readonly kysely: Kysely<unknown>;
  readonly pool: pg.Pool;
  /** Removes all tables and views. */
  readonly clear: () => Promise<void>;
  readonly stop?: () => Promise<void>;
  readonly start?: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const overPool = (config: pg.PoolConfig) => {
  const pool = new pg.Pool({ ...config, pipeline: true });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined)); // a connection that breaks while it is borrowed
  const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  const db = pipelined(pool, kysely);
  const clear = async () => void (await sql`drop schema public cascade; create schema public`.execute(db));
  return { pool, db, kysely, clear };
};

export const embeddedDatabase = async (): Promise<TestDatabase> => {
  const { poolConfig, close } = await startPostgres({ dir: await freshPostgresDir() });
  const made = overPool(poolConfig);
  return {
    ...made,
    close: async () => {
      await made.kysely.destroy();
      await close();
    },
  };
};

export const realDatabase = async (): Promise<TestDatabase> => {
  const { connectionString, start, stop, close } = await startRealPostgres();
  const made = overPool({ connectionString, max: 6 });
  return {
    ...made,
    start,
    stop,
    close: async () => {
      await made.kysely.destroy();
      await close();
    },
  };
};

/** Seals nothing away: what tests of the engine need of keys is only whether they are there. */
export const openSealer = (lost: ReadonlySet<string> = new Set()): Sealer => ({
  seal: async (_keyId, _type, fields) => JSON.stringify(fields),
  open: async (keyId, _type, sealed) => (lost.has(keyId) ? undefined : JSON.parse(sealed)),
  hash: (...parts) => createHash('sha256').update(parts.join('\n')).digest('base64url'),
});

export type TestStore = {
  readonly store: EventStore;
  /** For what the door to the event store would never write. */
  readonly client: EventStoreDBClient;
  readonly append: (streamId: string, ...events: DomainEvent[]) => Promise<bigint>;
  readonly close: () => Promise<void>;
};

let commands = 0;
export const context = (): CommandContext => ({
  commandId: `command-${commands++}`,
  correlationId: 'correlation',
  causationId: 'cause',
  actor: { kind: 'user', id: 'u', name: 'U' },
});

/** An event store of its own, empty. */
export const freshStore = async (sealer = openSealer()): Promise<TestStore> => {
  const dir = await mkdtemp(join(tmpdir(), 'ringback-engines-'));
  const server = await startEventStore({ dir });
  const store = await connectEventStore(server.connectionString, sealer);
  const client = EventStoreDBClient.connectionString(server.connectionString);
  return {
    store,
    client,
    append: async (streamId, ...events) => {
      const appended = await store.append(streamId, events, 'any', context());
      if (!appended.ok) throw new Error('the append was refused');
      return appended.position;
    },
    close: async () => {
      await store.close();
      await client.dispose();
      await server.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
};

/** Settles once `condition` holds, looking again after each turn of the event loop; vitest's time-out is the limit. */
export const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
};
