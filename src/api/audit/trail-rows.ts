import { type Kysely, type RawBuilder, sql } from 'kysely';
import { iso } from '../../clock.ts';
import type { Reads } from '../../domain/access/reads.ts';
import { scope } from '../../domain/audit/about.ts';
import { positionKey } from '../../projections/audit-index.ts';
import { type TrailQuery, thingOf } from './trail-query.ts';

/** The projection that leads to events. */
export const TRAIL = 'audit_index';

/** Where an event lies: its position as the index keeps it, and its instant (UTC text). */
export type TrailRow = { readonly key: string; readonly at: string };

/** Which events: those that fit a query, up to a position, of the queues that the one who asks reads. */
export type Which = { readonly query: TrailQuery; readonly until: bigint; readonly reads: Reads };

/** Rows that belong to a thing's history, where one is asked for. */
const ofThing = (thing: ReturnType<typeof thingOf>): RawBuilder<unknown> => {
  if (thing === undefined) return sql`true`;
  const named = sql`(subjects is not null and subjects @> ${[thing.subject]}::text[])`;
  return thing.stream === undefined ? named : sql`(${named} or stream = ${thing.stream})`;
};

/** Rows that are there for the one who asks (8.2): whose queues he reads, and parts of imports that say something to him. */
const visible = (reads: Reads, thing: ReturnType<typeof thingOf>): RawBuilder<unknown> => {
  if (reads === 'all') return ofThing(thing);
  const scopes = [undefined, ...reads].map((queue) => scope(queue, thing?.subject));
  return sql`((queues is not null and queues <@ ${[...reads]}::text[] and ${ofThing(thing)})
    or (scopes is not null and scopes && ${scopes}::text[]))`;
};

const conditions = ({ query, until, reads }: Which): RawBuilder<unknown> => {
  const { from, to, actor, type, stream } = query;
  const all = [sql`key <= ${positionKey(until)}`, visible(reads, thingOf(query))];
  if (from !== undefined) all.push(sql`at >= ${iso(from)}::timestamptz`);
  if (to !== undefined) all.push(sql`at < ${iso(to)}::timestamptz`);
  if (actor !== undefined) all.push(sql`actor = ${actor}`);
  if (type !== undefined) all.push(sql`type = any(${type}::text[])`);
  if (stream !== undefined) all.push(sql`stream = ${stream}`);
  return sql.join(all, sql` and `);
};

/** The position of the last event that the index has; undefined for an empty one. */
export const lastIndexed = async (db: Kysely<unknown>): Promise<bigint | undefined> => {
  const { rows } = await sql<{ key: string | null }>`select max(key) as key from ${sql.table(TRAIL)}`.execute(db);
  return typeof rows[0]?.key === 'string' ? BigInt(rows[0].key) : undefined;
};

/** How many events fit. */
export const countTrail = async (db: Kysely<unknown>, which: Which): Promise<number> => {
  const { rows } = await sql<{ total: string }>`select count(*)::text as total from ${sql.table(TRAIL)} where ${conditions(which)}`.execute(
    db,
  );
  return Number(rows[0]?.total ?? 0);
};

/** So many rows in the query's order, those behind `after` only. */
export const trailRows = async (db: Kysely<unknown>, which: Which, after: TrailRow | undefined, most: number): Promise<TrailRow[]> => {
  const descending = which.query.sort === '-at';
  const direction = descending ? sql`desc` : sql`asc`;
  const behind =
    after === undefined ? sql`true` : sql`(at, key) ${descending ? sql`<` : sql`>`} (${after.at}::timestamptz, ${after.key}::text)`;
  const { rows } = await sql<TrailRow>`
    select key, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
    from ${sql.table(TRAIL)} where ${conditions(which)} and ${behind} order by at ${direction}, key ${direction} limit ${most}`.execute(db);
  return rows;
};
