import { type Kysely, sql, type Transaction } from 'kysely';
import { iso } from '../clock.ts';
import { type AgentReport, MOST_AGENTS } from '../live/agent-report.ts';
import type { AgentChanges } from '../live/agents.ts';
import { MOST_SOURCES } from '../live/kit/silence.ts';
import type { Taken } from '../live/kit/taken.ts';
import { opsTables } from './ops-tables.ts';
import { REPORTS_CHANNEL } from './shared-reports.ts';

/** The ops tables of agents: the contact center's truth, shared by the nodes of one Postgres. */
export const agentsTables = (db: Kysely<unknown>): (() => Promise<Kysely<unknown>>) =>
  opsTables(db, 'agents', [
    sql`create table if not exists ops_agent_sources (
      source text primary key,
      sequence bigint not null,
      heard_at timestamptz not null,
      full_at timestamptz not null
    )`,
    sql`create table if not exists ops_agents (
      source text not null,
      id text not null,
      state text not null,
      queues jsonb not null,
      skills jsonb not null,
      reported_at timestamptz not null,
      sequence bigint not null,
      primary key (source, id)
    )`,
    sql`create index if not exists ops_agents_changes on ops_agents (source, sequence)`,
  ]);

/** How many agents of a source aren't out after a report of some. */
const countAfter = async (tx: Transaction<unknown>, source: string, told: AgentReport['agents']): Promise<number> => {
  const ids = told.map(({ id }) => id);
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from ops_agents
    where source = ${source} and state <> 'OUT' and id <> all(${ids}::text[])`.execute(tx);
  return (rows[0]?.count ?? 0) + told.filter(({ state }) => state !== 'OUT').length;
};

/**
 * Keeps a report that came at `now` (epoch ms), and says so to all nodes. Sources heard last before `forgottenBefore` (epoch ms) are
 * forgotten, and so are agents who have been out since: a node that heard of its source later knows them as out.
 */
export const keepReport = async (
  db: Kysely<unknown>,
  { source, sequence, full, agents }: AgentReport,
  { now, forgottenBefore }: { readonly now: number; readonly forgottenBefore: number },
): Promise<Taken> =>
  db.transaction().execute(async (tx): Promise<Taken> => {
    const [at, before] = [sql`${iso(now)}::timestamptz`, sql`${iso(forgottenBefore)}::timestamptz`];
    await sql`with silent as (delete from ops_agent_sources where source in (
        select source from ops_agent_sources where heard_at < ${before} for update skip locked
      ) returning source)
      delete from ops_agents where source in (select source from silent)`.execute(tx);
    if (!full && (await countAfter(tx, source, agents)) > MOST_AGENTS) return 'TOO_MUCH';
    const { rows } = await sql`
      insert into ops_agent_sources as s (source, sequence, heard_at, full_at)
      select ${source}, ${sequence}, ${at}, ${full ? at : sql`'epoch'`}
      where (select count(*) from ops_agent_sources where source <> ${source}) < ${MOST_SOURCES}
      on conflict (source) do update set sequence = excluded.sequence, heard_at = excluded.heard_at,
        full_at = ${full ? sql`excluded.full_at` : sql`s.full_at`}
      where s.sequence < excluded.sequence returning 1`.execute(tx);
    if (rows.length === 0) {
      const known = await sql`select 1 from ops_agent_sources where source = ${source}`.execute(tx);
      return known.rows.length === 0 ? 'TOO_MANY_SOURCES' : 'STALE';
    }
    const changed = sql`(a.state, a.queues, a.skills) is distinct from (excluded.state, excluded.queues, excluded.skills)`;
    await sql`
      insert into ops_agents as a (source, id, state, queues, skills, reported_at, sequence)
      select ${source}, id, state, queues, skills, ${at}, ${sequence}
      from jsonb_to_recordset(${JSON.stringify(agents)}::jsonb) as told (id text, state text, queues jsonb, skills jsonb)
      on conflict (source, id) do update set state = excluded.state, queues = excluded.queues, skills = excluded.skills,
        reported_at = excluded.reported_at, sequence = excluded.sequence
      ${full ? sql`where ${changed}` : sql``}`.execute(tx);
    const ids = agents.map(({ id }) => id);
    if (full)
      await sql`update ops_agents set state = 'OUT', reported_at = ${at}, sequence = ${sequence}
        where source = ${source} and state <> 'OUT' and id <> all(${ids}::text[])`.execute(tx);
    await sql`delete from ops_agents where source = ${source} and state = 'OUT' and reported_at < ${before}`.execute(tx);
    await sql`select pg_notify(${REPORTS_CHANNEL}, 'agents')`.execute(tx);
    return 'TAKEN';
  });

type ChangesRow = Omit<AgentChanges, 'sequence'> & { readonly sequence: string };

/** What changed of each source since the sequences that are known, in one look. */
export const changedAgents = async (db: Kysely<unknown>, known: ReadonlyMap<string, number>): Promise<AgentChanges[]> => {
  const ms = (column: string) => sql.raw(`(extract(epoch from ${column}) * 1000)::float8`);
  const { rows } = await sql<ChangesRow>`
    select s.source, s.sequence, ${ms('s.heard_at')} as "heardAt", ${ms('s.full_at')} as "fullAt", coalesce((
      select jsonb_agg(jsonb_build_object(
        'id', a.id, 'state', a.state, 'queues', a.queues, 'skills', a.skills, 'reportedAt', ${ms('a.reported_at')}
      )) from ops_agents a where a.source = s.source and a.sequence > coalesce(k.sequence, -1)
    ), '[]') as agents
    from ops_agent_sources s
    left join unnest(${[...known.keys()]}::text[], ${[...known.values()]}::bigint[]) as k (source, sequence) on k.source = s.source
    where s.sequence > coalesce(k.sequence, -1)`.execute(db);
  return rows.map(({ sequence, ...rest }) => ({ ...rest, sequence: Number(sequence) }));
};
