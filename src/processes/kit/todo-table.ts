import { sql } from 'kysely';
import { rowsOf, type Session } from '../../projections/kit/database.ts';
import { inPieces, upsertRows } from '../../projections/kit/rows.ts';
import type { Entry } from './process-projection.ts';

const PIECE = 5_000;

/** `source` is the table of the build that an entry belongs to: while a process is rebuilt, both builds have theirs here. */
export const createTodoTables = async (session: Session): Promise<void> => {
  await sql`create table if not exists todo (
    source text not null,
    instance text not null,
    entry text not null,
    "group" text not null,
    anchor timestamptz not null,
    command jsonb not null,
    cause text not null,
    correlation_id text not null,
    position bigint not null,
    dropped boolean not null default false,
    primary key (source, instance, entry)
  )`.execute(session);
  await sql`alter table todo add column if not exists dropped boolean not null default false`.execute(session);
  await sql`create index if not exists todo_due on todo (source, "group", anchor)`.execute(session);
  await sql`create table if not exists todo_claims (
    process text not null,
    instance text not null,
    entry text not null,
    cause text not null,
    tries int not null,
    held boolean not null default false,
    lease_until timestamptz not null,
    parked_at timestamptz,
    last_error text,
    primary key (process, instance, entry, cause)
  )`.execute(session);
  await sql`alter table todo_claims add column if not exists held boolean not null default false`.execute(session);
  await sql`create index if not exists todo_claims_parked on todo_claims (parked_at) where parked_at is not null`.execute(session);
  await sql`create index if not exists todo_claims_leases on todo_claims (lease_until) where parked_at is null`.execute(session);
};

export type TodoRow = Entry & { readonly instance: string; readonly entry: string };
export type EntryKey = { readonly instance: string; readonly entry: string };

const columns = [
  ['source', 'text'],
  ['instance', 'text'],
  ['entry', 'text'],
  ['group', 'text'],
  ['anchor', 'timestamptz'],
  ['command', 'jsonb'],
  ['cause', 'text'],
  ['correlation_id', 'text'],
  ['position', 'bigint'],
  ['dropped', 'boolean'],
] as const;

export const anchorText = sql.raw(`to_char(anchor at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);

/** The entries of these instances, by instance. */
export const loadTodo = async (
  session: Session,
  source: string,
  instances: readonly string[],
): Promise<Map<string, Record<string, Entry>>> => {
  const found = new Map<string, Record<string, Entry>>();
  for (const piece of inPieces(instances, PIECE)) {
    const rows = await rowsOf(
      session,
      sql<TodoRow & { correlation_id: string }>`
        select instance, entry, "group", ${anchorText} as anchor, command, cause, correlation_id, position::text as position, dropped
        from todo where source = ${source} and instance = any(${piece}::text[])`,
    );
    for (const { instance, entry, correlation_id: correlationId, ...rest } of rows)
      found.set(instance, { ...found.get(instance), [entry]: { ...rest, correlationId } });
  }
  return found;
};

export const writeTodo = (session: Session, source: string, rows: readonly TodoRow[]): Promise<void> =>
  upsertRows(
    session,
    'todo',
    columns,
    ['source', 'instance', 'entry'],
    rows.map(({ correlationId: correlation_id, ...rest }) => ({ source, correlation_id, ...rest })),
  );

const unnested = (keys: readonly EntryKey[]) =>
  sql`unnest(${keys.map(({ instance }) => instance)}::text[], ${keys.map(({ entry }) => entry)}::text[]) as gone (instance, entry)`;

export const deleteTodo = async (session: Session, source: string, keys: readonly EntryKey[]): Promise<void> => {
  for (const piece of inPieces(keys, PIECE))
    await sql`delete from todo using ${unnested(piece)}
      where source = ${source} and todo.instance = gone.instance and todo.entry = gone.entry`.execute(session);
};

/** Forgets who claimed entries that a fact has removed or replaced. */
export const deleteClaims = async (session: Session, process: string, keys: readonly EntryKey[]): Promise<void> => {
  for (const piece of inPieces(keys, PIECE))
    await sql`delete from todo_claims as c using ${unnested(piece)}
      where c.process = ${process} and c.instance = gone.instance and c.entry = gone.entry`.execute(session);
};
