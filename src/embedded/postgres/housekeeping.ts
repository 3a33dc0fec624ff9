import type { PGlite } from '@electric-sql/pglite';

// A Postgres of one process has no autovacuum and no checkpointer: without this, tables and write-ahead log only grow.

// The thresholds of autovacuum's defaults, and of max_wal_size's spirit; the log's files are reused after a checkpoint.
const duties = `
  select 1 as turn, format('vacuum (analyze) %I.%I', schemaname, relname) as statement
    from pg_stat_all_tables where n_dead_tup > 1000 + 0.2 * n_live_tup
  union all
  select 2, format('analyze %I.%I', schemaname, relname)
    from pg_stat_all_tables
   where schemaname !~ '^pg_toast' and n_mod_since_analyze > 1000 + 0.1 * n_live_tup and n_dead_tup <= 1000 + 0.2 * n_live_tup
  union all
  select 3, 'checkpoint' from pg_control_checkpoint() where pg_current_wal_insert_lsn() - redo_lsn > 64 * 1024 * 1024
  order by turn`;

/** What is due now, as statements, one at a time so that clients can come between. Needs the session to itself. */
export const dutiesOf = async (engine: PGlite): Promise<readonly string[]> =>
  (await engine.query<{ statement: string }>(duties)).rows.map(({ statement }) => statement);

/** Called after each piece of work, it calls `look` when the last look is `everyMs` ago by `now` (milliseconds, monotonic). */
export const lookEvery = (everyMs: number, now: () => number, look: () => void): (() => void) => {
  let last = now();
  return () => {
    if (now() - last < everyMs) return;
    last = now();
    look();
  };
};
