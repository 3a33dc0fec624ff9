import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { callbackStream } from '../../src/domain/callback/events.ts';
import { callbackList } from '../../src/projections/callback-list.ts';
import { startProjections } from '../../src/projections/kit/engine.ts';
import { tableModel } from '../../src/projections/kit/model.ts';
import { earlierLists } from '../../src/service/earlier-lists.ts';
import { example } from '../laws/example.ts';
import { embeddedDatabase, freshStore, silent, type TestDatabase, type TestStore } from '../projections/kit/stack.ts';
import { deferred } from '../support/deferred.ts';

const PATIENCE_MS = 60_000;
const positions: bigint[] = [];
let database: TestDatabase;
let log: TestStore;

beforeAll(async () => {
  database = await embeddedDatabase();
  log = await freshStore();
  for (let n = 0; n < 6; n++)
    positions.push(await log.append(callbackStream(`c${n}`), example('CallbackBooked', { queue: 'sales', keyId: `c${n}` })));
  const clock = { now: Date.now, at: () => () => {} };
  const engine = startProjections({ db: database.db, store: log.store, clock, models: [tableModel(callbackList)], log: silent });
  await engine.caughtUp();
  await engine.close();
});
afterAll(async () => {
  await log.close();
  await database.close();
});

const open = () => {
  const lists = earlierLists({ db: database.kysely, store: log.store, log: silent });
  onTestFinished(lists.close);
  return lists;
};
/** Tells one making of a table from another of the same name. */
const oidOf = async (table: string): Promise<string> => {
  const { rows } = await sql<{ oid: string }>`select ${table}::regclass::oid::text as oid`.execute(database.db);
  return rows[0]?.oid ?? '';
};
const rowsIn = async (table: string): Promise<number> => {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(database.db);
  return rows[0]?.n ?? -1;
};

it('lists of four positions are kept, so that one can go through the pages of each', async () => {
  const lists = open();
  const four = positions.slice(0, 4);
  const ask = async () => {
    const made: (string | undefined)[] = [];
    for (const position of four) made.push(await lists.read(position, PATIENCE_MS, oidOf));
    return made;
  };
  const first = await ask();
  expect(new Set(first).size).toBe(4);
  expect(await ask()).toEqual(first);
  expect(await lists.read(positions[4] ?? 0n, PATIENCE_MS, rowsIn)).toBe(5);
});

it('a list that somebody began to read meanwhile is not dropped for another', async () => {
  const lists = open();
  for (const position of positions.slice(0, 4)) await lists.read(position, PATIENCE_MS, rowsIn);
  const [begun, over] = [deferred<void>(), deferred<void>()];
  const others = [lists.read(positions[4] ?? 0n, PATIENCE_MS, rowsIn), lists.read(positions[5] ?? 0n, PATIENCE_MS, rowsIn)];
  const reading = lists.read(positions[1] ?? 0n, PATIENCE_MS, async (table) => {
    begun.resolve();
    await over.promise;
    return rowsIn(table);
  });
  await begun.promise;
  await Promise.all(others);
  over.resolve();
  expect(await reading).toBe(2);
});
