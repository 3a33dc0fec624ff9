import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { SessionStart } from '../api/session/deps.ts';
import { iso } from '../clock.ts';

/** Older ones of the same user make room. */
const MOST_OF_A_USER = 50;

const proof = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('password'), fingerprint: z.string() }),
  z.object({ kind: z.literal('token'), hash: z.string() }),
  z.object({ kind: z.literal('provider'), name: z.string(), groups: z.array(z.string()), until: z.number() }),
]);
const sessionStart = z.object({ user: z.string(), proof, signedOutAt: z.string().nullable() });

/** A session as it is kept, by the keyed hash of its secret. Instants are epoch ms. */
export type SessionRow = { readonly start: SessionStart; readonly beganAt: number; readonly usedAt: number };

const at = (instant: number) => sql`${iso(instant)}::timestamptz`;

/** Keeps a new session, and drops those that are over by `endedBefore` and the user's oldest beyond 50. */
export const insertSession = (
  db: Kysely<unknown>,
  key: string,
  { start, beganAt }: SessionRow,
  over: { readonly usedBefore: number; readonly beganBefore: number },
): Promise<void> =>
  db.transaction().execute(async (tx) => {
    await sql`delete from ops_sessions where used_at < ${at(over.usedBefore)} or began_at < ${at(over.beganBefore)}`.execute(tx);
    await sql`delete from ops_sessions where key in (
      select key from ops_sessions where user_id = ${start.user} order by began_at desc offset ${MOST_OF_A_USER - 1}
    )`.execute(tx);
    await sql`insert into ops_sessions (key, user_id, start, began_at, used_at)
      values (${key}, ${start.user}, ${JSON.stringify(start)}, ${at(beganAt)}, ${at(beganAt)})`.execute(tx);
  });

/** The session of a key; undefined for one that was ended. */
export const readSession = async (db: Kysely<unknown>, key: string): Promise<SessionRow | undefined> => {
  const { rows } = await sql<{ start: string; beganAt: number; usedAt: number }>`
    select start, (extract(epoch from began_at) * 1000)::float8 as "beganAt", (extract(epoch from used_at) * 1000)::float8 as "usedAt"
    from ops_sessions where key = ${key}`.execute(db);
  const row = rows[0];
  return row && { ...row, start: sessionStart.parse(JSON.parse(row.start)) };
};

/** Notes that a session was used. */
export const touchSession = async (db: Kysely<unknown>, key: string, usedAt: number): Promise<void> => {
  await sql`update ops_sessions set used_at = greatest(used_at, ${at(usedAt)}) where key = ${key}`.execute(db);
};

export const deleteSession = async (db: Kysely<unknown>, key: string): Promise<void> => {
  await sql`delete from ops_sessions where key = ${key}`.execute(db);
};
