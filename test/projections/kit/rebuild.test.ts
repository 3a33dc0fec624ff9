import { isDeepStrictEqual } from 'node:util';
import { jsonEvent } from '@eventstore/db-client';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startClock } from '../../../src/clock.ts';
import type { DomainEvent } from '../../../src/domain/catalogue.ts';
import { processModel } from '../../../src/processes/kit/process-model.ts';
import { rowAfter } from '../../../src/projections/kit/as-of.ts';
import type { RebuildProgress } from '../../../src/projections/kit/beside.ts';
import { type Projections, type ProjectionsOptions, startProjections } from '../../../src/projections/kit/engine.ts';
import { tableModel } from '../../../src/projections/kit/model.ts';
import type { Projection } from '../../../src/projections/kit/projection.ts';
import { example } from '../../laws/example.ts';
import { calls } from '../../processes/kit/samples.ts';
import { noRealPostgres } from './real-postgres.ts';
import { booked, type CountRow, counts, numbers, perQueue, placed, queued, requeued } from './samples.ts';
import { embeddedDatabase, freshStore, realDatabase, silent, type TestDatabase, type TestStore, until } from './stack.ts';

const suites = [
  { title: 'the embedded Postgres', start: embeddedDatabase, skip: false },
  {
    title: `a real Postgres${noRealPostgres === undefined ? '' : ` (${noRealPostgres})`}`,
    start: realDatabase,
    skip: noRealPostgres !== undefined,
  },
];

describe.each(suites)('read models on $title', ({ start, skip }) => {
  if (skip) return it.skip('are tested where its binaries are', () => undefined);
  let database: TestDatabase;
  let log: TestStore;
  let running: Projections[] = [];

  beforeAll(async () => {
    database = await start();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.clear();
    log = await freshStore();
  });
  afterEach(async () => {
    for (const one of running) await one.close();
    running = [];
    await log.close();
  });

  const project = (projections: readonly Projection[], options: Partial<ProjectionsOptions> = {}): Projections => {
    const models = [...projections.map(tableModel), processModel(calls)];
    const engine = startProjections({ db: database.db, store: log.store, clock: startClock(), models, log: silent, ...options });
    running.push(engine);
    return engine;
  };
  const rows = async (view: string) =>
    (await sql<Record<string, unknown>>`select * from ${sql.id(view)} order by 1, 2`.execute(database.db)).rows;
  const tables = async () =>
    (await sql<{ table: string }>`select "table" from projection_builds order by 1`.execute(database.db)).rows.map(({ table }) => table);
  /** Many streams, each with a few events, one after another; every fifth ends. */
  const history = async (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      const end: DomainEvent[] = i % 5 === 0 ? [requeued('gone', i % 60), placed('a', 'x.1', i % 60)] : [];
      await log.append(`callback-${i % 40}`, queued(`q${i % 3}`, i % 60), requeued(`q${i % 7}`, i % 60), ...end);
    }
  };
  const everything = async () => ({
    counts: await rows('counts'),
    perQueue: await rows('per_queue'),
    todo: (
      await sql<Record<string, unknown>>`
    select instance, entry, "group", anchor, command, cause, position from todo
    where source = (select "table" from projection_builds where name = 'calls' and served) order by 1, 2`.execute(database.db)
    ).rows,
  });

  it('a rebuild gives the same rows, in a new table, and drops the old one', async () => {
    await history(0, 60);
    const engine = project([counts, perQueue]);
    await engine.caughtUp();
    await history(60, 90);
    await engine.waitFor((await log.store.lastPosition()) ?? 0n, 20_000);
    const before = await everything();
    expect(before.todo.length).toBeGreaterThan(10);
    const said: RebuildProgress[] = [];
    await engine.rebuild(undefined, (progress) => said.push(progress));
    expect(await everything()).toEqual(before);
    expect(await tables()).toEqual(['calls_v1_r1', 'counts_v1_r1', 'per_queue_v1_r1']);
    expect(said.at(-1)).toMatchObject({ phase: 'done', events: 90 * 2 + 18 * 2, secondsLeft: 0 });
    await log.append('callback-new', queued('q0'));
    await engine.waitFor((await log.store.lastPosition()) ?? 0n, 20_000);
    expect((await rows('counts')).length).toBe(before.counts.length + 1);
  });

  it('while it is rebuilt and swapped, readers always get all rows, and new events go on', async () => {
    await history(0, 60);
    const engine = project([counts, perQueue]);
    await engine.caughtUp();
    let rebuilding = true;
    let reads = 0;
    const reading = (async () => {
      while (rebuilding) {
        const total = await sql<{ times: string }>`select sum(times)::text as times from per_queue`.execute(database.db);
        expect(Number(total.rows[0]?.times)).toBeGreaterThanOrEqual(60 * 2 + 12);
        reads++;
      }
    })();
    const writing = history(60, 120);
    for (let i = 0; i < 3; i++) await engine.rebuild();
    await writing;
    await engine.waitFor((await log.store.lastPosition()) ?? 0n, 20_000);
    rebuilding = false;
    await reading;
    expect(reads).toBeGreaterThan(3);
    expect(await engine.verify()).toMatchObject([{ differing: [] }, { differing: [] }, { differing: [] }]);
    const total = await sql<{ times: string }>`select sum(times)::text as times from per_queue`.execute(database.db);
    expect(Number(total.rows[0]?.times)).toBe(120 * 2 + 24);
  });

  /** Every row that a stream's own fold goes through, from none on. */
  const pathOf = async (key: string): Promise<unknown[]> => {
    const path: unknown[] = [null];
    let row: CountRow | undefined;
    for await (const event of log.store.readStream(key)) {
      if (counts.keysOf(event).length > 0) row = counts.fold(row, event, key);
      path.push(row === undefined ? null : { queue: row.queue, times: row.times, revisions: row.revisions });
    }
    return path;
  };

  it('while rebuilds run, are stopped, go on and swap under writes, no answer is missing, wrong or older than one before', async () => {
    await history(0, 60);
    const faults: unknown[] = [];
    const come = new Map<string, number>(); // how far along its stream each row was shown
    let samples = 0;
    let over = false;
    const sample = async (key: string) => {
      const found = await sql<unknown>`select queue, times, revisions::text as revisions from counts where key = ${key}`.execute(
        database.db,
      );
      const answer = found.rows[0] ?? null;
      const path = await pathOf(key);
      const at = path.findIndex((row, i) => i >= (come.get(key) ?? 0) && isDeepStrictEqual(row, answer));
      if (at === -1) faults.push({ key, answer, from: come.get(key) });
      else come.set(key, at);
      samples++;
    };
    let engine = project([counts, perQueue], { cacheRows: 60 });
    await engine.caughtUp();
    for (let i = 0; i < 40; i++) come.set(`callback-${i}`, (await pathOf(`callback-${i}`)).length - 1);
    const sampling = (async () => {
      for (let n = 0; !over || n < 100; n++) await sample(`callback-${(n * 7) % 40}`);
    })();
    const writing = history(60, 200);
    for (let i = 0; i < 3; i++) {
      const stopped = engine.rebuild().catch(() => undefined);
      await until(() => engine.building() !== undefined);
      await engine.close();
      await stopped;
      engine = project([counts, perQueue], { cacheRows: 60 });
      await engine.rebuild();
    }
    await writing;
    expect(await engine.waitFor((await log.store.lastPosition()) ?? 0n, 20_000)).toBe(true);
    over = true;
    await sampling;
    for (let i = 0; i < 40; i++) await sample(`callback-${i}`);
    expect(faults).toEqual([]);
    expect(samples).toBeGreaterThanOrEqual(140);
    expect([...come].every(([, at]) => at > 0)).toBe(true);
    expect((await engine.verify()).flatMap(({ differing }) => differing)).toEqual([]);
  });

  it('a rebuild that was interrupted is gone on with at the next start, from what it had written', async () => {
    await log.append('callback-a', ...Array.from({ length: 300 }, (_, i) => queued(`q${i}`)));
    for (let i = 0; i < 30; i++)
      await log.append(`callback-${i}`, ...Array.from({ length: 300 }, (_, j) => queued(`q${(i * 300 + j) % 2_000}`)));
    const first = project([counts, perQueue], { cacheRows: 300 });
    await until(async () => {
      const builds = await sql<{ position: string | null }>`select position from projection_builds where name = 'per_queue'`
        .execute(database.db)
        .catch(() => ({ rows: [] }));
      return builds.rows.some(({ position }) => position !== null);
    });
    await first.close();
    const reached = await sql<{ position: string }>`select position from projection_builds where name = 'per_queue'`.execute(database.db);
    const said: RebuildProgress[] = [];
    const again = project([counts, perQueue], { cacheRows: 300, onProgress: (progress) => said.push(progress) });
    await again.caughtUp();
    if (BigInt(reached.rows[0]?.position ?? 0) < ((await log.store.lastPosition()) ?? 0n)) {
      expect(said.at(-1)?.events).toBeLessThan(31 * 300);
    }
    const total = await sql<{
      times: string;
      count: string;
    }>`select sum(times)::text as times, count(*)::text as count from per_queue`.execute(database.db);
    expect(total.rows).toEqual([{ times: String(31 * 300), count: '2000' }]);
    expect(await again.verify()).toMatchObject([{ differing: [] }, { differing: [] }, { differing: [] }]);
    expect(await tables()).toEqual(['calls_v1', 'counts_v1', 'per_queue_v1']);
  });

  it('a new version is built beside the old one, which is read until then', async () => {
    await history(0, 20);
    await project([perQueue]).caughtUp();
    await running.pop()?.close();
    const doubled: Projection = {
      ...perQueue,
      version: 2,
      fold: (row, _event, key) => ({ key, times: (Number(row?.times ?? 0) || 0) + 2 }),
    };
    const engine = project([doubled]);
    expect((await rows('per_queue')).length).toBe(7 + 1);
    await engine.caughtUp();
    const total = await sql<{ times: string }>`select sum(times)::text as times from per_queue`.execute(database.db);
    expect(Number(total.rows[0]?.times)).toBe(2 * (20 * 2 + 4));
    expect(await tables()).toEqual(['calls_v1', 'per_queue_v2']);
  });

  it('verification names rows and entries that differ from the log', async () => {
    await history(0, 20);
    const engine = project([counts, perQueue]);
    await engine.caughtUp();
    await sql`update per_queue_v1 set times = times + 1 where key = 'q2'`.execute(database.db);
    await sql`delete from counts_v1 where key = 'callback-1'`.execute(database.db);
    await sql`update todo set "group" = 'other' where instance = 'callback-2'`.execute(database.db);
    expect(await engine.verify()).toMatchObject([
      { name: 'counts', differing: ['callback-1'] },
      { name: 'per_queue', differing: ['q2'] },
      { name: 'calls', differing: ['callback-2 call'] },
    ]);
    expect(await engine.verify(['numbers']).catch((error: Error) => error.message)).toContain('no read model numbers');
    await engine.rebuild(['counts']);
    expect(await engine.verify(['counts'])).toMatchObject([{ differing: [] }]);
    expect(await tables()).toEqual(['calls_v1', 'counts_v1_r1', 'per_queue_v1']);
  });

  it('verifications, rebuilds and a start take turns, whoever asks for them meanwhile, and nobody is told of what is none', async () => {
    await history(0, 60);
    const first = project([counts, perQueue]);
    const asked = [first.verify(), first.rebuild(), first.verify(['counts'])]; // while it is only being built
    const writing = history(60, 160);
    const verified = (await Promise.all([...asked, first.rebuild(['counts']), first.verify()])).flatMap((found) => found ?? []);
    await writing;
    expect(verified).toHaveLength(3 + 1 + 3);
    expect(verified.filter(({ differing }) => differing.length > 0)).toEqual([]);
    await first.close();
    const again = project([counts, perQueue]);
    const early = again.verify(); // while it is catching up
    const more = history(160, 200);
    expect((await early).filter(({ differing }) => differing.length > 0)).toEqual([]);
    await more;
    expect(again.progress().map(({ problem }) => problem)).toEqual([null, null, null]);
    expect(again.building()).toBeUndefined();
  });

  it('personal data that is lost leaves the snapshots and earlier positions too, when the fact comes and when it came meanwhile', async () => {
    const list = { ...numbers(true), personalColumns: ['phone_number'] } satisfies Projection;
    const forgotten: Projection = {
      ...list,
      keysOf: (event) => (event.type === 'PersonalDataErased' ? [event.streamId] : list.keysOf(event)),
      fold: (row, event, key) => (event.type === 'PersonalDataErased' ? { key, phone_number: null } : list.fold(row as never, event, key)),
    };
    const engine = project([forgotten]);
    for (const name of ['a', 'b']) await log.append(`callback-${name}`, booked('q', '+12025550101'));
    const both = (await log.store.lastPosition()) ?? 0n;
    expect(await engine.waitFor(both, 20_000)).toBe(true);
    await engine.snapshot('numbers');
    const before = await engine.asOf('numbers', both);
    expect(await rows(before.table)).toMatchObject([{ phone_number: '+12025550101' }, { phone_number: '+12025550101' }]);
    expect(await engine.waitFor(await log.append('callback-a', example('PersonalDataErased', { keyId: 'key' })), 20_000)).toBe(true);
    const left = [{ phone_number: null }, { phone_number: '+12025550101' }];
    expect(await rows(before.table)).toMatchObject(left);
    expect(await rows(`numbers_v1_s${both}`)).toMatchObject(left);
    const after = await engine.asOf('numbers', both);
    expect(await rows(after.table)).toMatchObject(left);
  });

  it('snapshots are taken as the log grows, and those that stay lie spread over it', async () => {
    const engine = project([counts, perQueue], { snapshots: { names: ['counts'], everyEvents: 10, most: 3 }, batchSize: 5, lingerMs: 0 });
    await engine.caughtUp();
    const seen = new Set<string>();
    const isNew = async () => {
      const found = (await tables()).filter((table) => table.startsWith('counts_v1_s') && !seen.has(table));
      for (const table of found) seen.add(table);
      return found.length > 0;
    };
    for (let i = 0; i < 6; i++) {
      await history(i * 10, i * 10 + 10);
      await until(isNew);
    }
    await engine.close();
    expect((await tables()).filter((table) => table.includes('_s'))).toHaveLength(3);
  });

  it('a rebuild makes a table that was folded from another log right again', async () => {
    await history(0, 10);
    await project([counts]).caughtUp();
    await running.pop()?.close();
    const other = await freshStore();
    await other.append('callback-z', queued('z'));
    const engine = project([counts], { store: other.store });
    await until(() => engine.progress().every(({ problem }) => problem?.includes('another log') === true));
    await engine.rebuild();
    expect(await rows('counts')).toMatchObject([{ key: 'callback-z' }]);
    expect(engine.progress()).toMatchObject([{ problem: null }, { problem: null }]);
    await engine.close();
    await other.close();
  });

  it('a fold that was mended is repaired at the next start, with what waited behind it', async () => {
    await log.append('callback-a', queued('a', 1), requeued('boom', 2), requeued('a', 3));
    await log.append('callback-b', queued('a', 4));
    const engine = project([counts]);
    await engine.caughtUp();
    expect(engine.progress()).toMatchObject([{ blocked: 1 }, { blocked: 0 }]);
    await engine.close();
    const mended: Projection = {
      ...counts,
      fold: (row, event, key) => ({
        ...counts.fold(undefined, { ...event, data: { ...event.data, queue: 'ok' } } as never, key),
        times: Number(row?.times ?? 0) + 1,
        key,
      }),
    };
    const again = project([mended]);
    await until(() => again.progress()[0]?.blocked === 0 && again.progress()[0]?.problem === null);
    await again.caughtUp();
    expect(await rows('counts')).toMatchObject([
      { key: 'callback-a', times: 3 },
      { key: 'callback-b', times: 1 },
    ]);
  });

  it('a stream that still cannot be read stays blocked, and what else was blocked is repaired', async () => {
    const engine = project([counts, perQueue]);
    await log.append('callback-a', queued('a'), requeued('boom'));
    await log.append('callback-b', queued('b'));
    const metadata = { version: 1, $correlationId: 'c', $causationId: 'c', commandId: 'c', actor: { kind: 'user', id: 'u', name: 'U' } };
    await log.client.appendToStream('callback-b', jsonEvent({ type: 'CallbackRequeued', data: { queue: 7 }, metadata }));
    const last = await log.append('callback-b', requeued('b'));
    expect(await engine.waitFor(last, 20_000)).toBe(true);
    expect(await engine.repair('per_queue')).toEqual({ name: 'per_queue', repaired: 0, blocked: 2 });
    expect(await engine.repair('counts')).toEqual({ name: 'counts', repaired: 0, blocked: 3 });
    expect(await rows('counts')).toMatchObject([
      { key: 'callback-a', times: 1 },
      { key: 'callback-b', times: 1 },
    ]);
    expect(await log.append('callback-c', queued('c')).then((at) => engine.waitFor(at, 20_000))).toBe(true);
  });

  it('a rebuild blocks just what live folding blocks, also what Postgres refuses', async () => {
    await log.append('callback-a', queued('a'), requeued('nul \0'), requeued('b'));
    await log.append('callback-b', queued('b'), requeued('boom'), requeued('b'));
    const rebuilt = project([counts, perQueue]);
    await rebuilt.caughtUp();
    expect(rebuilt.progress()).toMatchObject([{ blocked: 2 }, { blocked: 1 }, { blocked: 0 }]);
    expect(await rows('counts')).toMatchObject([
      { key: 'callback-a', times: 1 },
      { key: 'callback-b', times: 1 },
    ]);
    expect(await rows('per_queue')).toMatchObject([
      { key: 'a', times: 1 },
      { key: 'b', times: 3 },
      { key: 'boom', times: 1 },
    ]);
  });

  it('a list as of an earlier position is what it was then, from the log alone and from a snapshot', async () => {
    const engine = project([counts, perQueue]);
    await engine.caughtUp();
    await history(0, 30);
    const early = (await log.store.lastPosition()) ?? 0n;
    await engine.waitFor(early, 20_000);
    const then = await everything();
    await history(30, 50);
    await engine.waitFor((await log.store.lastPosition()) ?? 0n, 20_000);
    const snapshot = await engine.snapshot('counts');
    const between = await rows('counts');
    await history(50, 70);
    const late = (await log.store.lastPosition()) ?? 0n;
    await engine.waitFor(late, 20_000);

    const old = await engine.asOf('counts', early);
    expect(await rows(old.table)).toEqual(then.counts);
    await old.drop();
    const middle = await engine.asOf('counts', snapshot ?? 0n);
    expect(await rows(middle.table)).toEqual(between);
    await middle.drop();
    await sql`update ${sql.id(`counts_v1_s${snapshot}`)} set queue = 'from the snapshot' where key = 'callback-1'`.execute(database.db);
    const now = await engine.asOf('counts', late);
    expect(await rows(now.table)).toContainEqual(expect.objectContaining({ key: 'callback-1', queue: 'from the snapshot' }));
    await now.drop();
    await expect(engine.asOf('counts', late + 1_000_000n)).rejects.toThrow('no event at position');
    expect((await tables()).filter((table) => table.includes('_at'))).toEqual([]);
  });

  it('one thing as of an earlier event is the fold of its stream', async () => {
    await log.append('callback-a', queued('a', 1), requeued('b', 2), requeued('c', 3));
    const until = async function* (revision: bigint) {
      for await (const event of log.store.readStream('callback-a')) if (event.revision <= revision) yield event;
    };
    expect(await rowAfter(counts, 'callback-a', until(1n))).toMatchObject({ queue: 'b', times: 2 });
    expect(await rowAfter(counts, 'callback-b', until(1n))).toBeUndefined();
  });

  it('a snapshot is kept through a rebuild, as is an earlier position that somebody looks at; a start removes what nobody can still look at', async () => {
    await history(0, 10);
    const engine = project([counts, numbers(false)]);
    await engine.caughtUp();
    const snapshot = await engine.snapshot('counts');
    const earlier = await engine.asOf('counts', snapshot ?? 0n);
    await engine.rebuild(['counts']);
    expect(await tables()).toEqual(['calls_v1', earlier.table, 'counts_v1_r1', `counts_v1_s${snapshot}`, 'no_numbers_v1'].sort());
    await sql`update projection_builds set made_at = now() - interval '2 days' where "table" = ${earlier.table}`.execute(database.db);
    await engine.close();
    await project([counts, numbers(false)]).caughtUp();
    expect(await tables()).toEqual(['calls_v1', 'counts_v1_r1', `counts_v1_s${snapshot}`, 'no_numbers_v1']);
  });
});
