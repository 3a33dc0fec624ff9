import { performance } from 'node:perf_hooks';
import { sql } from 'kysely';
import { iso, startClock } from '../../src/clock.ts';
import { callbackStream } from '../../src/domain/callback/events.ts';
import { startPoller } from '../../src/processes/kit/poller.ts';
import { startProjections } from '../../src/projections/kit/engine.ts';
import { example } from '../../test/laws/example.ts';
import { say } from '../kit/figure.ts';
import { optionsOf } from '../kit/options.ts';
import { quantile } from '../kit/quantile.ts';
import { allModels, booking, context, figure, quiet, withStack } from './harness.ts';

const { future: FUTURE } = optionsOf({ future: 1_000_000 });
const DUE = 2_000;
const SPREAD_MS = 8_000;
const BEHIND_MS = 10_000;
const BOOKING_MS = 15_000;

await withStack(async ({ store, db, takeKey }) => {
  const clock = startClock();
  let changed: Parameters<typeof allModels>[0] = () => undefined;
  const engine = startProjections({ db, store, clock, models: allModels((changes) => changed?.(changes)), log: quiet });
  await engine.caughtUp();
  say(
    `${DUE} callbacks come due within ${SPREAD_MS / 1_000} s, among ${FUTURE} entries that aren't due: from due to the fact being recorded.`,
  );
  await sql`insert into todo (source, instance, entry, "group", anchor, command, cause, correlation_id, position)
    select (select "table" from projection_builds where name = 'start_scheduled' and served), 'future-' || n, 'start', 'start:q' || (n % 50),
      now() + interval '1 day' + n * interval '1 second', '{}'::jsonb, 'cause', 'correlation', n from generate_series(1, ${FUTURE}) n`.execute(
    db,
  );
  const vacuum = performance.now();
  await sql`vacuum analyze todo`.execute(db);
  say(`vacuumed in ${Math.round(performance.now() - vacuum)} ms`);

  const late: number[] = [];
  const due = new Map<string, number>();
  const done = new Set<string>();
  let executed = 0;
  const poller = startPoller({
    ...{ db, clock, log: quiet, random: Math.random, offsetOf: () => 0, processes: ['start_scheduled'] },
    isBehind: () => (engine.progress()[0]?.lagMs ?? 0) > BEHIND_MS,
    execute: async ({ instance }) => {
      const at = due.get(instance);
      if (at === undefined) throw new Error(`${instance} isn't due`);
      executed++;
      await store.append(callbackStream(instance), [example('CallbackQueued', { queue: 'q1', at: iso(clock.now()) })], 'any', context());
      if (!done.has(instance)) late.push(clock.now() - at);
      done.add(instance);
    },
  });
  changed = poller.changed;
  const start = clock.now() + BOOKING_MS;
  const before = performance.now();
  await Promise.all(
    Array.from({ length: DUE }, async (_, n) => {
      const at = start + Math.floor((n * SPREAD_MS) / DUE);
      const id = `due-${n}`;
      due.set(id, at);
      await store.append(callbackStream(id), [booking(n, await takeKey(), iso(at))], 'no-stream', context());
    }),
  );
  say(`booked in ${Math.round(performance.now() - before)} ms`);
  while (late.length < DUE) await new Promise((resolve) => setTimeout(resolve, 20));
  say(`all done ${clock.now() - start - SPREAD_MS} ms after the last was due`);
  if (!(await engine.waitFor((await store.lastPosition()) ?? 0n, 60_000))) throw new Error('the facts were never projected');
  const left = await sql<{
    count: string;
  }>`select count(*)::text as count from todo where entry = 'start' and instance like 'due-%'`.execute(db);
  if (left.rows[0]?.count !== '0') throw new Error(`${left.rows[0]?.count} entries are left after ${executed} executions`);
  figure('due/p50', quantile(late, 0.5), 'ms');
  figure('due/p99', quantile(late, 0.99), 'ms', 1_000);
  figure('due/executions-each', executed / DUE, '', 1);
  const idle = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const { user, system } = process.cpuUsage(idle);
  figure('due/idle-cores', (user + system) / 3_000_000, 'cores');
  await poller.close();
  await engine.close();
});
