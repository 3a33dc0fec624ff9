import { type Kysely, sql } from 'kysely';
import type { Logger } from 'pino';
import type { KeyUses } from '../api/access/key-uses.ts';
import { iso } from '../clock.ts';
import { opsTables } from './ops-tables.ts';

const WRITE_MS = 5_000;

/** The ops table of the last use of keys. */
const keyUsesTable = sql`create table if not exists ops_api_key_uses (api_key_id text primary key, used_at timestamptz not null)`;

const write = async (db: Kysely<unknown>, uses: ReadonlyMap<string, number>): Promise<void> => {
  const ids = [...uses.keys()];
  const instants = [...uses.values()].map(iso);
  await sql`insert into ops_api_key_uses as u (api_key_id, used_at)
    select * from unnest(${ids}::text[], ${instants}::timestamptz[])
    on conflict (api_key_id) do update set used_at = greatest(u.used_at, excluded.used_at)`.execute(db);
};

/** Keeps when each API key was last used (8.3): noted in memory, and written every few seconds at most, one row a key. */
export const startKeyUses = ({ db, log }: { db: Kysely<unknown>; log: Logger }): KeyUses & { readonly close: () => Promise<void> } => {
  let noted = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const ready = opsTables(db, 'keyUses', [keyUsesTable]);
  const later = (): void => {
    if (timer === undefined && !closed) timer = setTimeout(() => void flush(), WRITE_MS).unref();
  };
  const note = (id: string, now: number): void => {
    noted.set(id, Math.max(noted.get(id) ?? 0, now));
  };
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (noted.size === 0) return;
    const uses = noted;
    noted = new Map();
    try {
      await ready();
      await write(db, uses);
    } catch (error) {
      log.warn({ err: error }, 'the last uses of API keys could not be written; trying again');
      for (const [id, now] of uses) note(id, now);
      later();
    }
  };
  return {
    used: (id, now) => {
      note(id, now);
      later();
    },
    lastUsed: async (ids) => {
      await flush();
      const found = sql<{ id: string; at: string }>`select api_key_id as id,
        to_char(used_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
        from ops_api_key_uses where api_key_id = any(${[...ids]}::text[])`;
      const { rows } = await ready()
        .then(() => found.execute(db))
        .catch(() => ({ rows: [] }));
      return new Map(rows.map(({ id, at }) => [id, at]));
    },
    close: async () => {
      closed = true;
      await flush();
    },
  };
};
