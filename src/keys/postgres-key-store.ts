import pg from 'pg';
import type { KeyRecord, KeyStore } from './key-store.ts';

type Row = { readonly key_id: string; readonly sealed_key: Buffer; readonly delete_after: Date | null };

const recordOf = ({ key_id, sealed_key, delete_after }: Row): KeyRecord => ({
  keyId: key_id,
  sealedKey: sealed_key,
  deleteAfter: delete_after?.toISOString() ?? null,
});

const tables = `
  select pg_advisory_xact_lock(hashtext('personal_keys')); -- several nodes may start at once
  create table if not exists personal_keys (
    key_id text collate "C" primary key,
    sealed_key bytea not null,
    delete_after timestamptz(3)
  );
  create index if not exists personal_keys_delete_after on personal_keys (delete_after) where delete_after is not null;
  create table if not exists personal_key_secrets (name text primary key, sealed bytea not null);`;

/**
 * The key store in Postgres, on a pool of its own made from `pool` (KEYS_DATABASE_URL), with its tables made if missing.
 * Every write waits for the disk, whatever the server's own `synchronous_commit`.
 */
export const postgresKeyStore = async ({ pool: config }: { pool: pg.PoolConfig }): Promise<KeyStore> => {
  const pool = new pg.Pool(config);
  pool.on('error', () => undefined); // an idle connection broke off: the next query opens another, or says why not
  pool.on('connect', (client) => client.on('error', () => undefined)); // one that breaks while borrowed fails its query, and would end the process

  const write = async <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    try {
      await client.query('begin; set local synchronous_commit = on');
      const result = await work(client);
      await client.query('commit');
      client.release();
      return result;
    } catch (error) {
      const rolledBack = await client.query('rollback').then(
        () => true,
        () => false,
      );
      client.release(!rolledBack);
      throw error;
    }
  };
  const arrays = (records: readonly KeyRecord[]) => [
    records.map(({ keyId }) => keyId),
    records.map(({ sealedKey }) => Buffer.from(sealedKey)),
    records.map(({ deleteAfter }) => deleteAfter),
  ];

  try {
    await write((client) => client.query(tables));
  } catch (error) {
    await pool.end();
    throw error;
  }

  return {
    shared: true,
    putKeys: (records) =>
      write(async (client) => {
        await client.query(
          'insert into personal_keys (key_id, sealed_key, delete_after) select * from unnest($1::text[], $2::bytea[], $3::timestamptz[])',
          arrays(records),
        );
      }),
    getKeys: async (keyIds) =>
      (await pool.query<Row>('select * from personal_keys where key_id = any($1::text[])', [keyIds])).rows.map(recordOf),
    listKeys: async (after, limit) =>
      (
        await pool.query<Row>('select * from personal_keys where $1::text is null or key_id > $1 order by key_id limit $2', [
          after ?? null,
          limit,
        ])
      ).rows.map(recordOf),
    resealKeys: (changes) =>
      write(async (client) => {
        await client.query(
          `update personal_keys k set sealed_key = c.after
             from unnest($1::text[], $2::bytea[], $3::bytea[]) as c(key_id, before, after)
            where k.key_id = c.key_id and k.sealed_key = c.before`,
          [changes.map((c) => c.keyId), changes.map((c) => Buffer.from(c.before)), changes.map((c) => Buffer.from(c.after))],
        );
      }),
    setDeleteAfter: (dates) =>
      write(async (client) => {
        await client.query(
          `update personal_keys k set delete_after = d.delete_after
             from unnest($1::text[], $2::timestamptz[]) as d(key_id, delete_after)
            where k.key_id = d.key_id`,
          [[...dates.keys()], [...dates.values()]],
        );
      }),
    deleteKeys: (keyIds) =>
      write(async (client) => {
        await client.query('delete from personal_keys where key_id = any($1::text[])', [keyIds]);
      }),
    deleteExpired: (now, limit) =>
      write(async (client) => {
        const { rows } = await client.query<{ key_id: string }>(
          `delete from personal_keys
            where delete_after <= $1 and key_id in (
              select key_id from personal_keys where delete_after <= $1 order by delete_after limit $2 for update skip locked)
           returning key_id`,
          [now, limit],
        );
        return rows.map(({ key_id }) => key_id);
      }),
    getSecret: async (name) =>
      (await pool.query<{ sealed: Buffer }>('select sealed from personal_key_secrets where name = $1', [name])).rows[0]?.sealed,
    addSecret: (name, sealed) =>
      write(async (client) => {
        await client.query('insert into personal_key_secrets values ($1, $2) on conflict (name) do nothing', [name, Buffer.from(sealed)]);
        const { rows } = await client.query<{ sealed: Buffer }>('select sealed from personal_key_secrets where name = $1', [name]);
        return rows[0]?.sealed ?? sealed;
      }),
    putSecrets: (named, when) =>
      write(async (client) => {
        if (when !== undefined) {
          const found = 'select 1 from personal_key_secrets where name = $1 and sealed = $2 for update';
          if ((await client.query(found, [when.name, Buffer.from(when.is)])).rowCount !== 1) return false;
        }
        for (const [name, sealed] of Object.entries(named)) {
          if (sealed === undefined) await client.query('delete from personal_key_secrets where name = $1', [name]);
          else
            await client.query(
              'insert into personal_key_secrets values ($1, $2) on conflict (name) do update set sealed = excluded.sealed',
              [name, Buffer.from(sealed)],
            );
        }
        return true;
      }),
    backUp: undefined,
    close: () => pool.end(),
  };
};
