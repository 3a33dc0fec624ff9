import { type Kysely, sql } from 'kysely';
import type { Preferences } from '../api/session/deps.ts';
import { ContendedError } from '../commands/handle.ts';
import { guard } from '../domain/kit/precondition.ts';

const ATTEMPTS = 5;

/** `preferences` is JSON text as it came: the database's own type takes less than JSON has. */
type Row = { readonly preferences: string; readonly version: number };

const etagOf = (version: number): string => `"${version}"`;

/** What users chose for themselves, in an ops table: of no interest to anybody's history. */
export const openPreferences = (tables: () => Promise<Kysely<unknown>>): Preferences => {
  const read = async (user: string): Promise<Row | undefined> => {
    const { rows } = await sql<Row>`select preferences, version from ops_preferences where user_id = ${user}`.execute(await tables());
    return rows[0];
  };
  /** False when another version is there now. */
  const write = async (user: string, text: string, before: number | undefined): Promise<boolean> => {
    const db = await tables();
    const written =
      before === undefined
        ? sql`insert into ops_preferences (user_id, preferences, version) values (${user}, ${text}, 1)
            on conflict do nothing returning 1`
        : sql`update ops_preferences set preferences = ${text}, version = version + 1
            where user_id = ${user} and version = ${before} returning 1`;
    return (await written.execute(db)).rows.length > 0;
  };
  return {
    get: async (user) => {
      const row = await read(user);
      return row && { preferences: JSON.parse(row.preferences), etag: etagOf(row.version) };
    },
    put: async (user, preferences, precondition) => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const version = (await read(user))?.version;
        const refusal = guard(version === undefined ? undefined : etagOf(version), precondition);
        if (refusal !== undefined) return { ok: false, refusal };
        if (await write(user, JSON.stringify(preferences), version)) {
          return { ok: true, saved: { preferences, etag: etagOf((version ?? 0) + 1) }, created: version === undefined };
        }
      }
      throw new ContendedError(`preferences: another writer came first ${ATTEMPTS} times`);
    },
  };
};
