import { type Kysely, sql } from 'kysely';

const CREATING = 7_246_228;

/** The ops tables of sign-in, shared by the nodes of one Postgres: sessions, tries, and what users chose. No events, and nothing rebuilds them. */
const createTables = (db: Kysely<unknown>): Promise<void> =>
  db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${CREATING})`.execute(tx); // nodes that start at once would trip over each other
    await sql`create table if not exists ops_sessions (
      key text primary key,
      user_id text not null,
      start text not null,
      began_at timestamptz not null,
      used_at timestamptz not null
    )`.execute(tx);
    await sql`create index if not exists ops_sessions_user on ops_sessions (user_id, began_at)`.execute(tx);
    await sql`create table if not exists ops_sign_in_tries (
      account text primary key,
      failures int not null,
      locks int not null,
      locked_until timestamptz,
      tried_at timestamptz not null
    )`.execute(tx);
    await sql`create table if not exists ops_preferences (
      user_id text primary key,
      preferences text not null,
      version int not null
    )`.execute(tx);
  });

/** The database once the tables are there; they are made when first needed, for a start doesn't wait for Postgres. */
export const signInTables = (db: Kysely<unknown>): (() => Promise<Kysely<unknown>>) => {
  let created: Promise<Kysely<unknown>> | undefined;
  return () => {
    created ??= createTables(db).then(
      () => db,
      (error) => {
        created = undefined;
        throw error;
      },
    );
    return created;
  };
};
