import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DomainEvent } from '../../../src/domain/catalogue.ts';
import type { Item } from '../../../src/projections/kit/batch.ts';
import { bulkFold } from '../../../src/projections/kit/bulk.ts';
import { rowsOf } from '../../../src/projections/kit/database.ts';
import { type Model, tableModel } from '../../../src/projections/kit/model.ts';
import { createBuild, createEngineTables, fedOf } from '../../../src/projections/kit/prepare.ts';
import { counts, queued, requeued } from './samples.ts';
import { embeddedDatabase, freshStore, silent, type TestDatabase, type TestStore } from './stack.ts';

let database: TestDatabase;
let log: TestStore;
beforeAll(async () => {
  database = await embeddedDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.clear();
  log = await freshStore();
  return () => log.close();
});

/** The log in the batches that it is written in here, and a build of `counts` that keeps one row in memory; `looking` is waited for before rows are read. */
const folding = async (
  batches: readonly (readonly (readonly [string, DomainEvent])[])[],
  looking: () => Promise<void> = async () => {},
) => {
  const { db } = database;
  for (const [stream, event] of batches.flat()) await log.append(stream, event);
  const all: Item[] = [];
  const { signal } = new AbortController();
  for await (const item of log.store.follow({ after: undefined, personal: false, signal })) {
    if (item.kind === 'caught-up') break;
    all.push(item);
  }
  const own = all.filter((item) => item.kind === 'event' && counts.keysOf(item.event).length > 0);
  const items = batches.map((batch) => own.splice(0, batch.length));
  const looked: string[][] = [];
  const table = tableModel(counts);
  const model: Model = {
    ...table,
    load: async (session, name, keys) => {
      looked.push([...keys]);
      await looking();
      return table.load(session, name, keys);
    },
  };
  await createEngineTables(db);
  const begun = await fedOf(db, model, await createBuild(db, model));
  const bulk = (fed = begun) => bulkFold({ db, store: log.store, signal, log: silent, cacheRows: 1 }, fed);
  const times = async () => {
    const rows = await rowsOf(db, sql<{ key: string; times: number }>`select key, times from ${sql.id(begun.table)} order by key`);
    return Object.fromEntries(rows.map(({ key, times: count }) => [key, count]));
  };
  return { items, looked, bulk, times };
};

describe('a build that is folded in memory', () => {
  it('folds a batch over the rows that it had, though a flush ends while others are read back', async () => {
    let letLook = () => {};
    const mayLook = new Promise<void>((resolve) => {
      letLook = resolve;
    });
    const batches = [
      [['callback-a', queued('sales')] as const, ['callback-b', queued('sales')] as const],
      [['callback-c', queued('sales')] as const],
      [['callback-a', requeued('sales')] as const, ['callback-b', requeued('sales')] as const],
    ];
    const { items, looked, bulk, times } = await folding(batches, () => mayLook);
    const build = bulk();
    await build.fold(items[0] ?? []);
    await build.flush();
    await build.fold(items[1] ?? []); // one of the first two leaves memory
    const third = build.fold(items[2] ?? []);
    expect(looked.flat()).toContain('callback-a');
    await build.flush();
    letLook();
    await third;
    await build.flushAll();
    expect(await times()).toEqual({ 'callback-a': 2, 'callback-b': 2, 'callback-c': 1 });
  });

  it('lets rows go that it read and didn’t change, and reads them again', async () => {
    const same = (key: string) => [[key, requeued('same')] as const];
    const first = ['callback-a', 'callback-b', 'callback-c'].map((key) => [key, queued('sales')] as const);
    const batches = [first, same('callback-a'), same('callback-b'), same('callback-a')];
    const { items, looked, bulk, times } = await folding(batches);
    const before = bulk();
    await before.fold(items[0] ?? []);
    await before.flushAll();
    const build = bulk(before.written());
    for (const batch of items.slice(1)) await build.fold(batch);
    expect(looked).toEqual([['callback-a'], ['callback-b'], ['callback-a']]);
    await build.flushAll();
    expect(await times()).toEqual({ 'callback-a': 1, 'callback-b': 1, 'callback-c': 1 });
  });
});
