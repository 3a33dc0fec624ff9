import { type RawBuilder, sql } from 'kysely';
import { rowsOf, type Session } from '../../projections/kit/database.ts';
import { earliestAnchors, instantText } from './claims.ts';
import type { OffsetOf } from './groups.ts';

/** How much a process owes: `waiting` isn't due yet, `due` is free to be done, `claimed` is being done, `parked` needs an operator. */
export type ProcessStanding = {
  readonly waiting: number;
  readonly due: number;
  readonly claimed: number;
  readonly parked: number;
  /** When the entry that is due longest became so (epoch ms). */
  readonly oldestDue: number | null;
};

type GroupRow = Omit<ProcessStanding, 'oldestDue'> & { readonly group: string; readonly first: number | null };

const none: ProcessStanding = { waiting: 0, due: 0, claimed: 0, parked: 0, oldestDue: null };

const earlier = (a: number | null, b: number | null): number | null => (a === null || b === null ? (a ?? b) : Math.min(a, b));

/** Counts what a process owes at `now` (epoch ms), by today's offsets. `only`: a further condition on entries, by their `t.instance`. */
export const standingOfProcess = async (
  session: Session,
  process: string,
  { now, offsetOf, only }: { readonly now: number; readonly offsetOf: OffsetOf; readonly only: RawBuilder<unknown> },
): Promise<ProcessStanding> => {
  const groups = (await earliestAnchors(session, process)).map(({ group }) => group);
  const dueUntil = groups.map((group) => now - offsetOf(group)).map((at) => (Number.isNaN(at) ? Number.NEGATIVE_INFINITY : at));
  const rows = await rowsOf(
    session,
    sql<GroupRow>`
      with entries as (
        select t."group", t.anchor, t.anchor <= w.due_until as is_due, c.parked_at is not null as is_parked,
          c.parked_at is null and coalesce(c.held and c.lease_until > ${instantText(now)}::timestamptz, false) as is_claimed
        from unnest(${groups}::text[], ${dueUntil.map(instantText)}::timestamptz[]) w ("group", due_until)
        join projection_builds b on b.name = ${process} and b.served
        join todo t on t.source = b."table" and t."group" = w."group" and not t.dropped and ${only}
        left join todo_claims c on c.process = ${process} and c.instance = t.instance and c.entry = t.entry and c.cause = t.cause
      )
      select "group", count(*) filter (where is_parked)::int as parked, count(*) filter (where is_claimed)::int as claimed,
        count(*) filter (where is_due and not is_parked and not is_claimed)::int as due,
        count(*) filter (where not is_due and not is_parked and not is_claimed)::int as waiting,
        (extract(epoch from min(anchor) filter (where is_due and not is_parked and not is_claimed)) * 1000)::float8 as first
      from entries group by "group"`,
  );
  return rows.reduce<ProcessStanding>(
    (sum, { group, first, waiting, due, claimed, parked }) => ({
      waiting: sum.waiting + waiting,
      due: sum.due + due,
      claimed: sum.claimed + claimed,
      parked: sum.parked + parked,
      oldestDue: earlier(sum.oldestDue, first === null ? null : first + offsetOf(group)),
    }),
    none,
  );
};
