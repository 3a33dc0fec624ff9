import { type Kysely, sql } from 'kysely';
import { opsTables } from './ops-tables.ts';

/** The ops tables of sign-in, shared by the nodes of one Postgres: sessions, tries, and what users chose. */
export const signInTables = (db: Kysely<unknown>): (() => Promise<Kysely<unknown>>) =>
  opsTables(db, 'signIn', [
    sql`create table if not exists ops_sessions (
      key text primary key,
      user_id text not null,
      start text not null,
      began_at timestamptz not null,
      used_at timestamptz not null
    )`,
    sql`create index if not exists ops_sessions_user on ops_sessions (user_id, began_at)`,
    sql`create table if not exists ops_sign_in_tries (
      account text primary key,
      failures int not null,
      locks int not null,
      locked_until timestamptz,
      tried_at timestamptz not null
    )`,
    sql`create table if not exists ops_preferences (
      user_id text primary key,
      preferences text not null,
      version int not null
    )`,
  ]);
