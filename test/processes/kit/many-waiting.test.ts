import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClock } from '../../../src/clock.ts';
import type { OwnSettings } from '../../../src/domain/configuration/columns.ts';
import { startPoller } from '../../../src/processes/kit/poller.ts';
import { processModel } from '../../../src/processes/kit/process-model.ts';
import { offsetOf } from '../../../src/processes/offsets.ts';
import { startProjections } from '../../../src/projections/kit/engine.ts';
import { configurationWith } from '../../commands/desk.ts';
import { noRealPostgres } from '../../projections/kit/real-postgres.ts';
import { embeddedDatabase, freshStore, realDatabase, silent, type TestDatabase, until } from '../../projections/kit/stack.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { calls } from './samples.ts';

const START = Date.UTC(2026, 2, 10, 10);
const ENTRIES = 100_000;
const GROUPS = ['retry:busy:q', 'report:q', 'handling:q', 'start:q'];
const SPAN_SECONDS = 50_000;
const DAY_SECONDS = 86_400;
/** Entry n lies n half seconds after the first, in group n % 4. */
const dueBy = (group: number, offsetSeconds: number): string[] =>
  Array.from({ length: ENTRIES }, (_, n) => n)
    .filter((n) => n % GROUPS.length === group && n / 2 + offsetSeconds <= SPAN_SECONDS)
    .map((n) => `c${n}`);

const suites = [
  { title: 'the embedded Postgres', start: embeddedDatabase, skip: false },
  {
    title: `a real Postgres${noRealPostgres === undefined ? '' : ` (${noRealPostgres})`}`,
    start: realDatabase,
    skip: noRealPostgres !== undefined,
  },
];

describe.each(suites)('100,000 entries that wait, on $title', ({ start, skip }) => {
  if (skip) return it.skip('are tested where its binaries are', () => undefined);
  let database: TestDatabase;
  let log: Awaited<ReturnType<typeof freshStore>>;
  beforeAll(async () => {
    [database, log] = await Promise.all([start(), freshStore()]);
    const engine = startProjections({ db: database.db, store: log.store, clock: startClock(), log: silent, models: [processModel(calls)] });
    await engine.caughtUp();
    await engine.close();
    await sql`insert into todo (source, instance, entry, "group", anchor, command, cause, correlation_id, position)
      select (select "table" from projection_builds where name = 'calls' and served), 'c' || n, 'call',
        (${GROUPS}::text[])[n % 4 + 1], to_timestamp(${START / 1000 - SPAN_SECONDS} + n / 2.0), '{}'::jsonb, 'cause', 'correlation', n
      from generate_series(0, ${ENTRIES - 1}) n`.execute(database.db);
  }, 240_000);
  afterAll(async () => {
    await log?.close();
    await database?.close();
  });

  /** Changes with every row that is written, deleted or made. */
  const fingerprint = async () => {
    const { rows } = await sql<{ print: string }>`
      select md5(string_agg(xmin::text || ctid::text, ',' order by instance)) as print from todo`.execute(database.db);
    return rows[0]?.print;
  };

  it('have their due work done as three settings change, no other work, and no row written', async () => {
    const clock = manualClock(START);
    const done: string[] = [];
    let settings: OwnSettings = { dialRetryMinutes: 1_440, reportLimitSeconds: DAY_SECONDS, handlingLimitMinutes: 1_440 };
    const offset = offsetOf(
      () => configurationWith('q', settings),
      () => -DAY_SECONDS, // what waits for its time doesn't matter here
      () => null,
    );
    const poller = startPoller({
      ...{ db: database.db, processes: ['calls'], clock, random: () => 0.5, log: silent, offsetOf: offset },
      execute: async ({ instance }) => void done.push(instance),
    });
    await until(() => clock.waiting() > 0); // it has looked, and sleeps
    expect(done).toEqual([]);
    const before = await fingerprint();

    const change = async (changed: OwnSettings, expected: readonly string[]) => {
      expect(expected.length).toBeGreaterThan(2);
      settings = { ...settings, ...changed };
      const known = done.length;
      poller.offsetsChanged();
      await until(() => done.length >= known + expected.length);
      expect(done.slice(known).sort()).toEqual([...expected].sort());
    };
    await change({ dialRetryMinutes: 833 }, dueBy(0, 833 * 60));
    await change({ reportLimitSeconds: 49_995 }, dueBy(1, 49_995));
    await change({ handlingLimitMinutes: 833 }, dueBy(2, 833 * 60));
    const now = done.length;
    await clock.settle();
    expect(done).toHaveLength(now);
    expect(clock.now()).toBe(START); // no time was needed
    expect(await fingerprint()).toBe(before);
    expect((await sql<{ count: number }>`select count(*)::int as count from todo_claims`.execute(database.db)).rows[0]?.count).toBe(
      done.length,
    );
    await clock.advanceBy(4_000);
    const later = [dueBy(0, 833 * 60 - 4), dueBy(1, 49_991), dueBy(2, 833 * 60 - 4)].flat();
    await until(() => done.length >= later.length);
    expect([...done].sort()).toEqual(later.sort());
    await poller.close();
  }, 240_000);
});
