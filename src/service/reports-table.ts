import { type Kysely, sql } from 'kysely';
import { iso } from '../clock.ts';
import type { SourceState } from '../live/kit/report-sources.ts';
import { MOST_SOURCES } from '../live/kit/silence.ts';
import type { Taken } from '../live/kit/taken.ts';
import { opsTables } from './ops-tables.ts';
import { REPORTS_CHANNEL } from './shared-reports.ts';

/** The ops table of what each source of the contact center said last, whole: its truth, shared by the nodes of one Postgres. */
export const reportsTable = (db: Kysely<unknown>): (() => Promise<Kysely<unknown>>) =>
  opsTables(db, 'reports', [
    sql`create table if not exists ops_reports (
      kind text not null,
      source text not null,
      sequence bigint not null,
      heard_at timestamptz not null,
      state jsonb not null,
      primary key (kind, source)
    )`,
  ]);

export type Told = { readonly kind: string; readonly source: string; readonly sequence: number };

/**
 * Keeps what a source says at `now` (epoch ms), folded into what it said before, and says so to all nodes. `fold` answers undefined for more
 * than one may say; sources heard last before `forgottenBefore` (epoch ms) are forgotten. Two reports of a source wait for one another.
 */
export const keepState = <S>(
  db: Kysely<unknown>,
  { kind, source, sequence, now, forgottenBefore }: Told & { readonly now: number; readonly forgottenBefore: number },
  fold: (before: S | undefined) => S | undefined,
) =>
  db.transaction().execute(async (tx): Promise<Taken> => {
    const at = sql`${iso(now)}::timestamptz`;
    await sql`delete from ops_reports where (kind, source) in (select kind, source from ops_reports
      where kind = ${kind} and heard_at < ${iso(forgottenBefore)}::timestamptz for update skip locked)`.execute(tx);
    await sql`insert into ops_reports (kind, source, sequence, heard_at, state) select ${kind}, ${source}, -1, ${at}, 'null'
      where (select count(*) from ops_reports where kind = ${kind} and source <> ${source}) < ${MOST_SOURCES}
      on conflict (kind, source) do nothing`.execute(tx);
    const { rows } = await sql<{ state: S | null; isNewer: boolean }>`select state, sequence < ${sequence} as "isNewer" from ops_reports
      where kind = ${kind} and source = ${source} for update`.execute(tx);
    const [known] = rows;
    if (known === undefined) return 'TOO_MANY_SOURCES';
    if (!known.isNewer) return 'STALE';
    const state = fold(known.state ?? undefined);
    if (state === undefined) return 'TOO_MUCH';
    await sql`update ops_reports set sequence = ${sequence}, heard_at = ${at}, state = ${JSON.stringify(state)}::jsonb
      where kind = ${kind} and source = ${source}`.execute(tx);
    await sql`select pg_notify(${REPORTS_CHANNEL}, ${kind})`.execute(tx);
    return 'TAKEN';
  });

/** What sources of a kind said since the sequences that are known. */
export const changedStates = async <S>(
  db: Kysely<unknown>,
  kind: string,
  known: ReadonlyMap<string, number>,
): Promise<SourceState<S>[]> => {
  const { rows } = await sql<Omit<SourceState<S>, 'sequence'> & { readonly sequence: string }>`
    select r.source, r.sequence, (extract(epoch from r.heard_at) * 1000)::float8 as "heardAt", r.state
    from ops_reports r
    left join unnest(${[...known.keys()]}::text[], ${[...known.values()]}::bigint[]) as k (source, sequence) on k.source = r.source
    where r.kind = ${kind} and r.sequence > coalesce(k.sequence, -1)`.execute(db);
  return rows.map(({ sequence, ...rest }) => ({ ...rest, sequence: Number(sequence) }));
};
