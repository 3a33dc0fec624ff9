import { type Kysely, type RawBuilder, sql } from 'kysely';
import { isBeingBuilt } from '../api/errors/unavailable.ts';
import { type ErrorsQuery, type FailedQuery, KEPT_MS, type NotedFailure } from '../api/errors-list/failed-query.ts';
import { type Clock, iso } from '../clock.ts';
import { mayRead, type Reads } from '../domain/access/reads.ts';
import { opsTables } from './ops-tables.ts';

/** The ops table of failed queries, without those that are too old at first use. */
export const errorsTable = (db: Kysely<unknown>, clock: Pick<Clock, 'now'>): (() => Promise<Kysely<unknown>>) => {
  const statements = [
    sql`create table if not exists ops_errors (
      correlation_id text primary key,
      at timestamptz not null,
      method text not null,
      route text not null,
      parameters jsonb not null,
      status int not null,
      code int not null,
      message text not null,
      cause text not null,
      queue text,
      for_all_readers boolean not null
    )`,
    sql`create index if not exists ops_errors_at on ops_errors (at, correlation_id)`,
  ];
  return opsTables(db, 'errors', statements, () => purgeErrors(db, clock.now()));
};

type Shown = { readonly queue: string | null; readonly forAllReaders: boolean };

/** Whose queue a failure is about. Where that can't be found out, only those who read every queue are shown it. */
const shownOf = ({ queue, callbackId, reads }: NotedFailure, queues: ReadonlyMap<string, string>): Shown => {
  if (callbackId === null) return { queue, forAllReaders: true };
  const found = queues.get(callbackId);
  return found !== undefined && mayRead(reads, found) ? { queue: found, forAllReaders: true } : { queue: null, forAllReaders: false };
};

const queuesOf = async (db: Kysely<unknown>, callbackIds: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  if (callbackIds.length === 0) return new Map();
  const found = sql<{ key: string; queue: string }>`select key, queue from callback_list where key = any(${callbackIds}::text[])`;
  const { rows } = await found.execute(db).catch((error) => {
    if (isBeingBuilt(error)) return { rows: [] };
    throw error;
  });
  return new Map(rows.map(({ key, queue }) => [key, queue]));
};

/** Writes what was noted, in one statement; what is there already stays. */
export const insertErrors = async (db: Kysely<unknown>, noted: readonly NotedFailure[]): Promise<void> => {
  const queues = await queuesOf(
    db,
    noted.flatMap(({ callbackId }) => (callbackId === null ? [] : [callbackId])),
  );
  const rows = noted.map((one) => {
    const { correlationId: correlation_id, at, method, route, parameters, status, code, message, cause } = one;
    const { queue, forAllReaders: for_all_readers } = shownOf(one, queues);
    return { correlation_id, at, method, route, parameters, status, code, message, cause, queue, for_all_readers };
  });
  await sql`
    insert into ops_errors (correlation_id, at, method, route, parameters, status, code, message, cause, queue, for_all_readers)
    select correlation_id, at, method, route, parameters, status, code, message, cause, queue, for_all_readers
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as noted (correlation_id text, at timestamptz, method text, route text,
      parameters jsonb, status int, code int, message text, cause text, queue text, for_all_readers boolean)
    on conflict do nothing`.execute(db);
};

/** Deletes what is older than 14 days at `now` (epoch ms). */
export const purgeErrors = async (db: Kysely<unknown>, now: number): Promise<void> => {
  await sql`delete from ops_errors where at < ${iso(now - KEPT_MS)}::timestamptz`.execute(db);
};

const visibleTo = (reads: Reads): RawBuilder<unknown> =>
  reads === 'all' ? sql`true` : sql`(for_all_readers and (queue is null or queue = any(${[...reads]}::text[])))`;

const columns = sql`correlation_id as "correlationId", to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
  method, route, parameters, status, code, message, cause, queue`;

const conditions = ({ from, to, status, code }: ErrorsQuery, reads: Reads, now: number): RawBuilder<unknown> => {
  const since = Math.max(from ?? 0, now - KEPT_MS);
  const all = [visibleTo(reads), sql`at >= ${iso(since)}::timestamptz`];
  if (to !== undefined) all.push(sql`at < ${iso(to)}::timestamptz`);
  if (status !== undefined) all.push(sql`status = any(${status}::int[])`);
  if (code !== undefined) all.push(sql`code = any(${code}::int[])`);
  return sql.join(all, sql` and `);
};

/** A page of the failures of the last 14 days, and how many there are on all pages. */
export const listErrors = async (db: Kysely<unknown>, query: ErrorsQuery, reads: Reads, now: number) => {
  const { sort, descending, after, limit } = query;
  const by = sql.ref(sort);
  const where = conditions(query, reads, now);
  const direction = descending ? sql`desc` : sql`asc`;
  const value = after && (sort === 'at' ? sql`${after.value}::timestamptz` : sql`${after.value}::int`);
  const beyond = after ? sql`(${by}, correlation_id) ${descending ? sql`<` : sql`>`} (${value}, ${after.correlationId}::text)` : sql`true`;
  const [found, counted] = await Promise.all([
    sql<FailedQuery>`select ${columns} from ops_errors where ${where} and ${beyond}
      order by ops_errors.${by} ${direction}, correlation_id ${direction} limit ${limit}`.execute(db),
    sql<{ total: string }>`select count(*)::text as total from ops_errors where ${where}`.execute(db),
  ]);
  return { rows: found.rows, total: Number(counted.rows[0]?.total ?? 0) };
};

/** One of them by its correlation id. */
export const findError = async (
  db: Kysely<unknown>,
  correlationId: string,
  reads: Reads,
  now: number,
): Promise<FailedQuery | undefined> => {
  const { rows } = await sql<FailedQuery>`select ${columns} from ops_errors
    where correlation_id = ${correlationId} and at >= ${iso(now - KEPT_MS)}::timestamptz and ${visibleTo(reads)}`.execute(db);
  return rows[0];
};
