import { jsonEvent } from '@eventstore/db-client';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startClock } from '../../../src/clock.ts';
import { type Projections, type ProjectionsOptions, startProjections } from '../../../src/projections/kit/engine.ts';
import { tableModel } from '../../../src/projections/kit/model.ts';
import type { Projection } from '../../../src/projections/kit/projection.ts';
import type { ProjectionsStopped } from '../../../src/projections/kit/stop.ts';
import { noRealPostgres } from './real-postgres.ts';
import { booked, counts, keyRevoked, numbers, perQueue, placed, queued, requeued } from './samples.ts';
import {
  embeddedDatabase,
  freshStore,
  listening,
  openSealer,
  realDatabase,
  silent,
  type TestDatabase,
  type TestStore,
  until,
} from './stack.ts';

const suites = [
  { title: 'the embedded Postgres', start: embeddedDatabase, skip: false },
  {
    title: `a real Postgres${noRealPostgres === undefined ? '' : ` (${noRealPostgres})`}`,
    start: realDatabase,
    skip: noRealPostgres !== undefined,
  },
];

describe.each(suites)('projections on $title', ({ start, skip }) => {
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
    const { db } = database;
    const { store } = log;
    const models = projections.map(tableModel);
    const engine = startProjections({ db, store, clock: startClock(), models, log: silent, ...options });
    running.push(engine);
    return engine;
  };
  const rows = async (view: string) =>
    (await sql<Record<string, unknown>>`select * from ${sql.id(view)} order by key`.execute(database.db)).rows;
  const seen = (engine: Projections, position: bigint) => engine.waitFor(position, 20_000);

  it('rows hold what was folded, before the start and after it', async () => {
    await log.append('callback-a', queued('sales', 1));
    const engine = project([counts]);
    await engine.caughtUp();
    const last = await log.append('callback-a', requeued('sales', 2));
    expect(await seen(engine, last)).toBe(true);
    expect(await rows('counts')).toEqual([
      {
        key: 'callback-a',
        queue: 'sales',
        times: 2,
        first_at: new Date('2026-03-01T10:00:01.000Z'),
        revisions: '1',
        seen: ['CallbackQueued "sales" {,\\', 'CallbackRequeued "sales" {,\\'],
        last: { type: 'CallbackRequeued', at: '2026-03-01T10:00:02.000Z' },
        day: expect.any(Date),
        position: last.toString(),
      },
    ]);
  });

  it('a row that is read back folds on as the one that was in memory', async () => {
    const other = await freshStore();
    const events = [queued('a', 1), requeued('b', 2), requeued('a', 3), requeued('c', 4)];
    for (const event of events) {
      await log.append('callback-x', event);
      await other.append('callback-x', event);
    }
    const oneByOne = project([counts], { batchSize: 1 });
    await oneByOne.caughtUp();
    const apart = await rows('counts');
    await oneByOne.close();
    await database.clear();
    const atOnce = project([counts]);
    await atOnce.caughtUp();
    expect(await rows('counts')).toEqual(apart);
    await other.close();
  });

  it('an event that changes nothing leaves the row and its position', async () => {
    const first = await log.append('callback-a', queued('a'));
    const engine = project([counts]);
    expect(await seen(engine, await log.append('callback-a', requeued('same')))).toBe(true);
    expect(await rows('counts')).toMatchObject([{ times: 1, position: first.toString() }]);
  });

  it('a fold that answers undefined deletes the row, and a later event begins anew', async () => {
    const engine = project([counts]);
    await log.append('callback-a', queued('a'), requeued('a'));
    expect(await seen(engine, await log.append('callback-a', requeued('gone')))).toBe(true);
    expect(await rows('counts')).toEqual([]);
    expect(await seen(engine, await log.append('callback-a', queued('b')))).toBe(true);
    expect(await rows('counts')).toMatchObject([{ key: 'callback-a', times: 1 }]);
  });

  it('a restart goes on where the last run stopped, and folds nothing twice', async () => {
    const engine = project([counts, perQueue]);
    expect(await seen(engine, await log.append('callback-a', queued('a')))).toBe(true);
    await engine.close();
    await log.append('callback-a', requeued('a'));
    await log.append('callback-b', queued('a'));
    const again = project([counts, perQueue]);
    await again.caughtUp();
    expect(await rows('counts')).toMatchObject([
      { key: 'callback-a', times: 2 },
      { key: 'callback-b', times: 1 },
    ]);
    expect(await rows('per_queue')).toMatchObject([{ key: 'a', times: 3 }]);
  });

  it('only a projection that declares personal fields gets them', async () => {
    await log.append('callback-a', booked('a', '+12025550101'));
    const engine = project([numbers(true), numbers(false)]);
    await engine.caughtUp();
    expect(await rows('numbers')).toMatchObject([{ phone_number: '+12025550101' }]);
    expect(await rows('no_numbers')).toMatchObject([{ phone_number: null }]);
  });

  it('while keys can’t be asked for, what has no personal fields goes on, and the others follow once they can', async () => {
    const sealer = openSealer();
    let away = false;
    const open: typeof sealer.open = (...args) => (away ? Promise.reject(new Error('the key store is away')) : sealer.open(...args));
    const other = await freshStore({ ...sealer, open });
    try {
      const clock = startClock();
      const engine = project([numbers(true), numbers(false), counts], { store: other.store, clock });
      const shown = async (view: string) => (await rows(view)).map(({ key, phone_number: number }) => [key, number]);
      const at = async (position: bigint, name: string) => expect(await engine.waitFor(position, 60_000, name)).toBe(true);
      const lagOf = (name: string) => engine.progress().find((model) => model.name === name)?.lagMs ?? 0;
      await other.append('callback-a', booked('sales', '+15105550100'));
      await engine.caughtUp();
      away = true;
      const stuck = await other.append('callback-b', booked('sales', '+15105550101'));
      const second = await other.append('callback-b', queued('sales', 1));
      await at(second, 'counts');
      await at(second, 'no_numbers');
      expect(await shown('no_numbers')).toEqual([
        ['callback-a', null],
        ['callback-b', null],
      ]);
      expect(await shown('numbers')).toEqual([['callback-a', '+15105550100']]);
      await until(() => lagOf('numbers') > 0);
      expect(lagOf('counts')).toBe(0);

      await engine.rebuild(['counts']);
      await at(second, 'counts');
      expect(await engine.verify(['counts', 'no_numbers'])).toMatchObject([{ differing: [] }, { differing: [] }]);
      await at(await other.append('callback-b', requeued('sales', 2)), 'counts');
      expect(await engine.waitFor(stuck, 0, 'numbers')).toBe(false);

      away = false;
      const last = await other.append('callback-c', booked('sales', '+15105550102'));
      for (const name of ['numbers', 'no_numbers', 'counts']) await at(last, name);
      expect((await shown('numbers')).map(([, number]) => number)).toEqual(['+15105550100', '+15105550101', '+15105550102']);
      expect((await rows('counts')).map(({ times }) => times)).toEqual([2]);
      await at(await other.append('callback-c', queued('sales', 3)), 'counts');
      expect(await engine.verify()).toMatchObject([{ differing: [] }, { differing: [] }, { differing: [] }]);
    } finally {
      for (const one of running) await one.close();
      running = [];
      await other.close();
    }
  });

  it('keys that can’t be asked for at a start leave the others as they were, and what has no personal fields catches up', async () => {
    const sealer = openSealer();
    const open: typeof sealer.open = () => Promise.reject(new Error('the key store is away'));
    const other = await freshStore({ ...sealer, open });
    try {
      await project([numbers(true), counts], { store: other.store }).caughtUp();
      for (const one of running) await one.close();
      running = [];
      await other.append('callback-b', booked('sales', '+15105550101'));
      await other.append('callback-b', queued('sales', 1));
      const again = project([numbers(true), counts], { store: other.store });
      await again.caughtUp(['counts']);
      expect(await rows('counts')).toHaveLength(1);
      expect(await rows('numbers')).toEqual([]);
    } finally {
      for (const one of running) await one.close();
      running = [];
      await other.close();
    }
  });

  it('an unknown type is passed over, and the checkpoint moves past it', async () => {
    const engine = project([counts]);
    const metadata = { version: 1 };
    await log.client.appendToStream('other', jsonEvent({ type: 'FromSomewhereElse', data: {}, metadata }));
    const position = (await log.store.lastPosition()) ?? 0n;
    expect(await seen(engine, position)).toBe(true);
    expect(engine.progress()).toMatchObject([{ position, blocked: 0, problem: null }]);
  });

  it('a fold that throws blocks its key, while other keys go on', async () => {
    const { log: logger, said } = listening();
    const engine = project([counts, perQueue], { log: logger });
    await log.append('callback-a', queued('a'));
    await log.append('callback-a', requeued('boom'), requeued('a'));
    expect(await seen(engine, await log.append('callback-b', queued('b')))).toBe(true);
    expect(await rows('counts')).toMatchObject([
      { key: 'callback-a', times: 1 },
      { key: 'callback-b', times: 1 },
    ]);
    expect(await rows('per_queue')).toMatchObject([
      { key: 'a', times: 2 },
      { key: 'b', times: 1 },
      { key: 'boom', times: 1 },
    ]);
    expect(engine.progress()).toMatchObject([
      { name: 'counts', blocked: 1 },
      { name: 'per_queue', blocked: 0 },
    ]);
    expect(said.join()).toContain('RangeError');
  });

  it('an event with bad data blocks its stream, and what its keys get later waits behind it', async () => {
    const engine = project([counts, perQueue]);
    await log.append('callback-a', queued('a'));
    const metadata = { version: 1, $correlationId: 'c', $causationId: 'c', commandId: 'c', actor: { kind: 'user', id: 'u', name: 'U' } };
    await log.client.appendToStream('callback-a', jsonEvent({ type: 'CallbackRequeued', data: { queue: 7 }, metadata }));
    await log.append('callback-a', requeued('a'));
    await log.append('callback-c', queued('a'));
    expect(await seen(engine, await log.append('callback-b', queued('b')))).toBe(true);
    expect(await rows('counts')).toMatchObject([{ key: 'callback-a', times: 1 }, { key: 'callback-b' }, { key: 'callback-c' }]);
    expect(await rows('per_queue')).toMatchObject([
      { key: 'a', times: 1 },
      { key: 'b', times: 1 },
    ]);
    expect(engine.progress().map(({ blocked }) => blocked)).toEqual([2, 2]);
  });

  it('a value that Postgres refuses blocks its row alone', async () => {
    const engine = project([counts]);
    await log.append('callback-a', queued('a'));
    const streams = Array.from({ length: 9 }, (_, i) => `callback-n${i}`);
    await Promise.all([...streams.map((stream) => log.append(stream, queued('a'))), log.append('callback-a', queued('nul \0'))]);
    expect(await seen(engine, await log.append('callback-b', queued('b')))).toBe(true);
    const found = await rows('counts');
    expect(found).toHaveLength(11);
    expect(found).toMatchObject([{ key: 'callback-a', queue: 'a', times: 1 }, { key: 'callback-b' }, ...streams.map((key) => ({ key }))]);
    expect(engine.progress()).toMatchObject([{ blocked: 1 }]);
  });

  it('blocks outlive a restart', async () => {
    const engine = project([counts]);
    expect(await seen(engine, await log.append('callback-a', queued('a'), requeued('boom')))).toBe(true);
    await engine.close();
    await log.append('callback-a', requeued('a'));
    const again = project([counts]);
    await again.caughtUp();
    expect(await rows('counts')).toMatchObject([{ times: 1 }]);
    expect(again.progress()).toMatchObject([{ blocked: 1 }]);
  });

  it('an event of a newer version stops the reader, after what came before it', async () => {
    const stops: ProjectionsStopped[] = [];
    const engine = project([counts], { onStopped: (stop) => void stops.push(stop) });
    await engine.caughtUp();
    const before = await log.append('callback-a', queued('a'));
    const metadata = { version: 99, $correlationId: 'c', $causationId: 'c', commandId: 'c', actor: { kind: 'user', id: 'u', name: 'U' } };
    await log.client.appendToStream('callback-a', jsonEvent({ type: 'CallbackRequeued', data: {}, metadata }));
    await until(() => stops.length > 0);
    expect(stops[0]?.reason).toBe('newer-version');
    expect(engine.progress()).toMatchObject([{ position: before, problem: expect.stringContaining('newer code') }]);
    expect(await rows('counts')).toMatchObject([{ times: 1 }]);
  });

  it('a table folded from another log is not fed, and its rebuild is named', async () => {
    const engine = project([counts, perQueue]);
    expect(await seen(engine, await log.append('callback-a', queued('a')))).toBe(true);
    await engine.close();
    const restored = await freshStore();
    await restored.append('callback-b', queued('other'), requeued('other'));
    const again = project([counts], { store: restored.store });
    await until(() => again.progress()[0]?.problem?.includes('another log') === true);
    expect(again.progress()[0]?.problem).toContain('npm run rebuild -- counts');
    expect(await rows('counts')).toMatchObject([{ key: 'callback-a' }]);
    await restored.close();
  });

  it('of two runners on the same tables, the second to move a checkpoint gives up, and nothing is folded twice', async () => {
    const stops: string[] = [];
    const onStopped = ({ reason }: ProjectionsStopped) => void stops.push(reason);
    const one = project([perQueue], { onStopped });
    await one.caughtUp();
    const other = project([perQueue], { onStopped });
    await other.caughtUp();
    for (let i = 0; i < 20; i++) await log.append(`callback-${i}`, queued('a'));
    await until(() => stops.length > 0);
    const last = await log.append('callback-a', queued('b'));
    expect(await Promise.race([one, other].map((engine) => engine.waitFor(last, 20_000)))).toBe(true);
    expect(stops).toEqual(['another-runner']);
    expect(await rows('per_queue')).toMatchObject([
      { key: 'a', times: 20 },
      { key: 'b', times: 1 },
    ]);
  });

  it('columns that changed without the version are refused', async () => {
    await project([counts]).caughtUp();
    await running.pop()?.close();
    const changed = project([{ ...counts, indexes: [] }]);
    await until(() => changed.progress()[0]?.problem?.includes('raise it') === true);
  });

  it('waiting for a position ends after its time', async () => {
    const engine = project([counts]);
    await engine.caughtUp();
    expect(await engine.waitFor(10n ** 15n, 20)).toBe(false);
  });

  it('what concerns nobody moves all checkpoints', async () => {
    const engine = project([counts, perQueue, numbers(false)]);
    const last = await log.append('access', keyRevoked('k'));
    expect(await seen(engine, last)).toBe(true);
    expect(await seen(engine, await log.append('callback-a', placed('a', 'x.1')))).toBe(true);
    expect(await rows('counts')).toEqual([]);
  });

  if (noRealPostgres === undefined && start === realDatabase)
    it('while Postgres is stopped it keeps trying, and goes on when it is back', async () => {
      const engine = project([counts, perQueue]);
      expect(await seen(engine, await log.append('callback-a', queued('a')))).toBe(true);
      await database.stop?.();
      const last = await log.append('callback-a', requeued('a'));
      for (let i = 0; i < 50; i++) await log.append(`callback-${i}`, queued('b'));
      expect(engine.progress()[0]?.position).toBeLessThan(last);
      await database.start?.();
      expect(await seen(engine, (await log.store.lastPosition()) ?? 0n)).toBe(true);
      expect(await rows('per_queue')).toMatchObject([
        { key: 'a', times: 2 },
        { key: 'b', times: 50 },
      ]);
    });
});
