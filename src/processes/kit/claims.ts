import { type RawBuilder, sql } from 'kysely';
import { iso } from '../../clock.ts';
import { rowsOf, type Session } from '../../projections/kit/database.ts';

/** One entry, claimed to be done. `tries` counts this one; `leaseUntil` is when it is anybody's again (epoch ms). */
export type Claimed = ClaimKey & {
  readonly group: string;
  readonly command: unknown;
  readonly correlationId: string;
  readonly tries: number;
  readonly leaseUntil: number;
};
/** An entry as it was made by one event: made anew by a later one, it is another. */
export type ClaimKey = { readonly process: string; readonly instance: string; readonly entry: string; readonly cause: string };

const LATEST = 8.64e15;
const EARLIEST = -6e13;
export const instantText = (instant: number): string => iso(Math.min(Math.max(instant, EARLIEST), LATEST));
const timestamp = (instant: number): RawBuilder<unknown> => sql`${instantText(instant)}::timestamptz`;
const source = (process: string) => sql`(select "table" from projection_builds where name = ${process} and served)`;
const ms = (column: string) => sql.raw(`(extract(epoch from ${column}) * 1000)::float8`);

/** Entries of one group with an anchor up to `dueUntil` (epoch ms) are due. */
export type DueGroup = { readonly process: string; readonly group: string; readonly dueUntil: number };

export type ClaimRequest = {
  readonly groups: readonly DueGroup[];
  readonly now: number;
  /** Doubles with each try of an entry. */
  readonly leaseMs: number;
  readonly limit: number;
};

/** `next`: the anchor (epoch ms) of the first entry of a group that is not due yet, and that nobody holds. */
export type ClaimAnswer = {
  readonly claimed: readonly Claimed[];
  readonly next: readonly { readonly process: string; readonly group: string; readonly anchor: number }[];
};

type ClaimRow = {
  readonly process: string;
  readonly group: string;
  readonly instance: string | null;
  readonly entry: string;
  readonly cause: string;
  readonly command: unknown;
  readonly correlation_id: string;
  readonly tries: number;
  readonly lease_until: number;
  readonly next: number;
};

/**
 * Claims due entries that nobody holds, the longest due first, and looks up what each group has next, all in one statement.
 * Entries that another transaction is claiming or changing are passed over.
 */
export const claimDue = async (session: Session, { groups, now, leaseMs, limit }: ClaimRequest): Promise<ClaimAnswer> => {
  const free = sql`(c.process is null or (c.parked_at is null and c.lease_until <= ${timestamp(now)}))`;
  const entries = sql`todo t left join todo_claims c
    on c.process = w.process and c.instance = t.instance and c.entry = t.entry and c.cause = t.cause
    where t.source = w.source and t."group" = w."group"`;
  const rows = await rowsOf(
    session,
    sql<ClaimRow>`
      with wanted as materialized (
        select w.process, w."group", w.due_until, b."table" as source from unnest(
          ${groups.map(({ process }) => process)}::text[],
          ${groups.map(({ group }) => group)}::text[],
          ${groups.map(({ dueUntil }) => instantText(dueUntil))}::timestamptz[]
        ) w (process, "group", due_until) join projection_builds b on b.name = w.process and b.served
      ), due as materialized (
        select w.process, e.*, w.due_until - e.anchor as since from wanted w cross join lateral (
          select t.* from ${entries} and not t.dropped and t.anchor <= w.due_until and ${free} order by t.anchor limit ${limit} for update of t skip locked
        ) e order by since desc limit ${limit}
      ), claimed as (
        insert into todo_claims as c (process, instance, entry, cause, tries, held, lease_until)
        select process, instance, entry, cause, 1, true, ${timestamp(now + leaseMs)} from due
        on conflict (process, instance, entry, cause) do update
          set tries = c.tries + 1, held = true, lease_until = ${timestamp(now)} + ${leaseMs}::float8 * power(2, least(c.tries, 6)) * interval '1 millisecond'
          where c.parked_at is null and c.lease_until <= ${timestamp(now)}
        returning c.process, c.instance, c.entry, c.cause, c.tries, ${ms('c.lease_until')} as lease_until
      )
      select process, due."group", instance, entry, cause, command, correlation_id, tries, lease_until, null as next, since
      from claimed join due using (process, instance, entry, cause)
      union all
      select w.process, w."group", null, null, null, null, null, null, null, ${ms('n.anchor')}, null from wanted w cross join lateral (
        select t.anchor from ${entries} and not t.dropped and t.anchor > w.due_until and ${free} order by t.anchor limit 1
      ) n
      order by since desc`,
  );
  const claimed = rows.flatMap(({ instance, correlation_id: correlationId, lease_until: leaseUntil, next: _, ...rest }) =>
    instance === null ? [] : [{ ...rest, instance, correlationId, leaseUntil }],
  );
  const next = rows.flatMap(({ process, group, instance, next: anchor }) => (instance === null ? [{ process, group, anchor }] : []));
  return { claimed, next };
};

/** The earliest anchor (epoch ms) of each group of a process, one probe of the index a group. */
export const earliestAnchors = (session: Session, process: string): Promise<{ group: string; anchor: number }[]> =>
  rowsOf(
    session,
    sql<{ group: string; anchor: number }>`
      with recursive served as (select ${source(process)} as source), firsts as (
        (select t."group", t.anchor from todo t where t.source = ${source(process)} order by t."group", t.anchor limit 1)
        union all
        select following.* from firsts cross join lateral (
          select t."group", t.anchor from todo t, served where t.source = served.source and t."group" > firsts."group"
          order by t."group", t.anchor limit 1
        ) following
      )
      select "group", ${ms('anchor')} as anchor from firsts`,
  );

export type Lease = ClaimKey & { readonly group: string; readonly leaseUntil: number };

/** Claims of entries that are still to be done and aren't parked. */
export const openClaims = (session: Session, process: string): Promise<Lease[]> =>
  rowsOf(
    session,
    sql<Lease>`select c.process, c.instance, c.entry, c.cause, t."group", ${ms('c.lease_until')} as "leaseUntil"
      from todo_claims c join todo t on t.source = ${source(process)} and t.instance = c.instance and t.entry = c.entry and t.cause = c.cause
      where c.process = ${process} and c.parked_at is null`,
  );

const isClaim = ({ process, instance, entry, cause }: ClaimKey) =>
  sql`process = ${process} and instance = ${instance} and entry = ${entry} and cause = ${cause}`;

export const renewClaim = (session: Session, claim: ClaimKey, leaseUntil: number): Promise<unknown> =>
  sql`update todo_claims set lease_until = ${timestamp(leaseUntil)} where ${isClaim(claim)}`.execute(session);

export const failClaim = (session: Session, claim: ClaimKey, againAt: number, error: string): Promise<unknown> =>
  sql`update todo_claims set held = false, lease_until = ${timestamp(againAt)}, last_error = ${error} where ${isClaim(claim)}`.execute(
    session,
  );

/** Gives back a claim that nothing was done under: the entry is free from an instant on. */
export const releaseClaim = (session: Session, claim: ClaimKey, freeFrom: number): Promise<unknown> =>
  sql`update todo_claims set held = false, lease_until = ${timestamp(freeFrom)}, tries = tries - 1 where ${isClaim(claim)}`.execute(
    session,
  );

/** Leaves the entry to an operator. */
export const parkClaim = (session: Session, claim: ClaimKey, now: number, error: string): Promise<unknown> =>
  sql`update todo_claims set held = false, parked_at = ${timestamp(now)}, last_error = ${error} where ${isClaim(claim)}`.execute(session);

/** Frees what a poller had claimed when it was killed: of use to one that knows to be the only one. A try that never ended counts. */
export const freeHeldClaims = (session: Session, processes: readonly string[], now: number): Promise<unknown> =>
  sql`update todo_claims set held = false, lease_until = ${timestamp(now)}
    where process = any(${processes}::text[]) and held and parked_at is null and lease_until > ${timestamp(now)}`.execute(session);

/** Forgets claims whose entries are gone. */
export const deleteStaleClaims = (session: Session, process: string): Promise<unknown> =>
  sql`delete from todo_claims c where c.process = ${process} and not exists (
    select from todo t where t.source = ${source(process)} and t.instance = c.instance and t.entry = c.entry and t.cause = c.cause
  )`.execute(session);
