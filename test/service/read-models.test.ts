import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startClock } from '../../src/clock.ts';
import { callbackList } from '../../src/projections/callback-list.ts';
import { startProjections } from '../../src/projections/kit/engine.ts';
import { tableModel } from '../../src/projections/kit/model.ts';
import { readModels } from '../../src/service/read-models.ts';
import { booked } from '../projections/kit/samples.ts';
import { embeddedDatabase, freshStore, silent, type TestDatabase, type TestStore, until } from '../projections/kit/stack.ts';

let database: TestDatabase;
let log: TestStore;
beforeAll(async () => {
  database = await embeddedDatabase();
  log = await freshStore();
});
afterAll(async () => {
  await log.close();
  await database.close();
});

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const WAIT_MS = 20_000;
const project = (store = log.store) => {
  const engine = startProjections({ db: database.db, store, clock: startClock(), models: [tableModel(callbackList)], log: silent });
  onTestFinished(engine.close);
  return engine;
};
const shared = () => ({ store: log.store, clock: { now: () => NOW, at: () => () => {} }, clockSpeed: 1 });
/** The tables as a node reads them on which another one keeps them. */
const elsewhere = (seen: () => bigint | undefined, db: Kysely<unknown> = database.kysely) =>
  readModels({ ...shared(), db, seen, worker: () => undefined });

it('a node that another one keeps the tables for says how old the last event is that they show', async () => {
  const engine = project();
  const first = await log.append('callback-a', booked('q', '+12025550101'));
  const { data } = booked('q', '');
  await engine.waitFor(first, WAIT_MS);
  expect(await elsewhere(() => first).waitFor(first, WAIT_MS)).toBe(true);
  expect(await elsewhere(() => first).lagMs()).toBe(0);
  expect(await elsewhere(() => first + 1_000n).lagMs()).toBe(NOW - Date.parse(data.at));
  expect(await elsewhere(() => first).waitFor(first + 1_000n, 1)).toBe(false);
});

it('a table that an earlier version left is said to be as old as what it shows, until that of the next is built', async () => {
  const engine = project();
  await engine.waitFor(await log.append('callback-a', booked('q', '+12025550104')), WAIT_MS);
  await engine.close();
  const last = await log.append('callback-a', booked('q', '+12025550105'));
  let build = () => {};
  const held = new Promise<void>((resolve) => {
    build = resolve;
  });
  const store: typeof log.store = {
    ...log.store,
    follow: async function* (from) {
      await held;
      yield* log.store.follow(from);
    },
  };
  const next = tableModel({ ...callbackList, version: callbackList.version + 1 });
  const upgraded = startProjections({ db: database.db, store, clock: startClock(), models: [next], log: silent });
  onTestFinished(upgraded.close);
  const lagMs = () => Math.max(0, ...upgraded.progress().map((model) => model.lagMs ?? 0));
  const models = readModels({ ...shared(), db: database.kysely, seen: () => last, worker: () => ({ work: { lagMs, engine: upgraded } }) });
  await until(() => upgraded.progress()[0]?.problem === 'being built');
  expect(await models.lagMs()).toBe(NOW - Date.parse(booked('q', '').data.at));
  build();
  await upgraded.caughtUp();
  await until(async () => (await models.lagMs()) === 0);
});

it('a node that another one keeps the tables for looks once for all who wait for a position', async () => {
  const engine = project();
  const last = await log.append('callback-a', booked('q', '+12025550103'));
  await engine.waitFor(last, WAIT_MS);
  let looks = 0;
  const counted = database.kysely.withPlugin({
    transformQuery: ({ node }) => {
      looks++;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const models = elsewhere(() => last, counted);
  const waiting = (position: bigint, timeoutMs: number) =>
    Promise.all(Array.from({ length: 100 }, () => models.waitFor(position, timeoutMs)));
  expect(new Set(await waiting(last, WAIT_MS))).toEqual(new Set([true]));
  expect(new Set(await waiting(last + 1_000n, 1))).toEqual(new Set([false]));
  expect(looks).toBeLessThan(10);
});

it('what was folded from another log is not to be shown', async () => {
  const { problem } = elsewhere(() => undefined);
  const engine = project();
  await engine.caughtUp();
  expect(await problem('callback_list')).toBeNull();
  await engine.close();
  const other = await freshStore();
  onTestFinished(other.close);
  const refused = project(other.store);
  await until(() => refused.progress()[0]?.problem?.includes('another log') === true);
  expect(await problem('callback_list')).toContain('npm run rebuild -- callback_list');
  const { rows } = await sql`select 1 from callback_list`.execute(database.db);
  expect(rows).toHaveLength(1);
  await other.append('callback-b', booked('q', '+12025550102'), booked('q', '+12025550102'));
  await refused.rebuild();
  expect(await problem('callback_list')).toBeNull();
});
