import { type RawBuilder, sql } from 'kysely';
import { rowsOf, type Session } from '../../projections/kit/database.ts';
import type { ClaimKey } from './claims.ts';

/** An entry whose tries are used up: it waits for an operator. `parkedAt` is UTC ISO text, `lastError` names no values. */
export type Parked = ClaimKey & {
  readonly group: string;
  readonly tries: number;
  readonly parkedAt: string;
  readonly lastError: string | null;
};

const entries = sql`todo_claims c
  join projection_builds b on b.name = c.process and b.served
  join todo t on t.source = b."table" and t.instance = c.instance and t.entry = c.entry and t.cause = c.cause
  where c.parked_at is not null`;

/** A further condition on parked entries, by their `c.instance`. */
export type Only = RawBuilder<unknown>;
const every: Only = sql`true`;

/** Parked entries that are still to be done, the longest parked first, after one that was answered before. */
export const parkedEntries = (
  session: Session,
  limit: number,
  after?: Pick<Parked, 'parkedAt' | 'process' | 'instance' | 'entry'>,
  only = every,
): Promise<Parked[]> =>
  rowsOf(
    session,
    sql<Parked>`select c.process, c.instance, c.entry, c.cause, t."group", c.tries, c.last_error as "lastError",
        to_char(c.parked_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "parkedAt"
      from ${entries} and ${only} ${
        after === undefined
          ? sql``
          : sql`and (c.parked_at, c.process, c.instance, c.entry) > (${after.parkedAt}::timestamptz, ${after.process}, ${after.instance}, ${after.entry})`
      }
      order by c.parked_at, c.process, c.instance, c.entry limit ${limit}`,
  );

/** How many entries are parked, by process. */
export const parkedCounts = (session: Session, only = every): Promise<{ process: string; count: number }[]> =>
  rowsOf(
    session,
    sql<{ process: string; count: number }>`select c.process, count(*)::int as count from ${entries} and ${only} group by c.process`,
  );

/** Whether this entry is parked now, as this event made it. */
export const isParked = async (session: Session, { process, instance, entry, cause }: ClaimKey, only = every): Promise<boolean> => {
  const rows = await rowsOf(
    session,
    sql<object>`select 1 from ${entries} and ${only}
      and c.process = ${process} and c.instance = ${instance} and c.entry = ${entry} and c.cause = ${cause}`,
  );
  return rows.length > 0;
};
