import { MessageChannel } from 'node:worker_threads';
import pg from 'pg';
import { expect, it } from 'vitest';
import { openEngine } from '../../src/embedded/postgres/engine-thread.ts';
import { portSocket } from '../../src/embedded/postgres/socket.ts';
import { freshPostgresDir } from '../support/postgres.ts';

const never = 1e9;

const rewriteManyTimes = async (housekeepingMs: number) => {
  const dir = await freshPostgresDir();
  const engine = await openEngine(dir, housekeepingMs);
  const openPort = async () => {
    const { port1, port2 } = new MessageChannel();
    engine.serve(port2);
    return { port: port1, ended: engine.ended };
  };
  const pool = new pg.Pool({ max: 1, user: 'postgres', stream: () => portSocket(openPort) });
  await pool.query('create table rewritten as select n, repeat($$x$$, 200) as filling from generate_series(1, 5000) n');
  await pool.query('create unique index on rewritten (n)');
  for (let round = 0; round < 50; round++) {
    await pool.query('update rewritten set n = -n');
    await pool.query('select pg_stat_force_next_flush()');
  }
  for (let round = 0; round < 8; round++) {
    await pool.query('create table written as select repeat($$x$$, 1000) as filling from generate_series(1, 25000) n');
    await pool.query('drop table written');
  }
  const { rows } = await pool.query(`select pg_relation_size('rewritten')::int as bytes, count(*)::int as n,
    (select count(*)::int from pg_ls_waldir()) as "logFiles" from rewritten`);
  await pool.end();
  await engine.close();
  return rows[0];
};

it('a table rewritten again and again stays small, and so does the log', async () => {
  const [kept, grown] = [await rewriteManyTimes(0), await rewriteManyTimes(never)];
  expect(kept.n).toBe(5000);
  expect(kept.bytes).toBeLessThan(grown.bytes / 5);
  expect(kept.logFiles).toBeLessThan(grown.logFiles / 2);
});
