import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { type EmbeddedPostgres, startPostgres } from '../../src/embedded/postgres/start.ts';
import { lmdbKeyStore } from '../../src/keys/lmdb-key-store.ts';
import { postgresKeyStore } from '../../src/keys/postgres-key-store.ts';
import { freshPostgresDir } from '../support/postgres.ts';
import { keyStoreContract } from './key-store-contract.ts';

keyStoreContract('a key store in LMDB', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ringback-keys-'));
  return {
    open: () => lmdbKeyStore({ dir }),
    remove: () => rm(dir, { recursive: true }),
    shared: false,
  };
});

const query = async (pool: pg.PoolConfig, text: string) => {
  const client = new pg.Client(pool);
  await client.connect();
  await client.query(text);
  await client.end();
};

let embedded: EmbeddedPostgres;
beforeAll(async () => {
  embedded = await startPostgres({ dir: await freshPostgresDir() });
});
afterAll(() => embedded.close());

keyStoreContract('a key store in the embedded Postgres', async () => ({
  open: () => postgresKeyStore({ pool: embedded.poolConfig }),
  remove: () => query(embedded.poolConfig, 'drop table personal_keys, personal_key_secrets'),
  shared: true,
}));

const url = process.env.DATABASE_URL;
if (url !== undefined) {
  keyStoreContract('a key store in Postgres', async () => {
    const schema = `keys_${randomUUID().replaceAll('-', '')}`;
    await query({ connectionString: url }, `create schema ${schema}`);
    return {
      open: () => postgresKeyStore({ pool: { connectionString: url, options: `-c search_path=${schema}` } }),
      remove: () => query({ connectionString: url }, `drop schema ${schema} cascade`),
      shared: true,
    };
  });
}
