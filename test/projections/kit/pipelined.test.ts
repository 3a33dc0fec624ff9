import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startClock } from '../../../src/clock.ts';
import { type EmbeddedPostgres, startPostgres } from '../../../src/embedded/postgres/start.ts';
import { type Database, rowsOf, together } from '../../../src/projections/kit/database.ts';
import { startProjections } from '../../../src/projections/kit/engine.ts';
import { tableModel } from '../../../src/projections/kit/model.ts';
import { pipelined } from '../../../src/projections/kit/pipelined.ts';
import { freshPostgresDir } from '../../support/postgres.ts';
import { counts, perQueue, queued } from './samples.ts';
import { freshStore, silent } from './stack.ts';

let postgres: EmbeddedPostgres;
let kysely: Kysely<unknown>;
let db: Database;
/** What went over the connection, in order: statements, and answers. */
let wire: ('sent' | 'answered')[] = [];

beforeAll(async () => {
  postgres = await startPostgres({ dir: await freshPostgresDir() });
  const stream = () => {
    const duplex = postgres.stream();
    const write = duplex.write.bind(duplex);
    const syncs = (chunk: unknown) =>
      Buffer.isBuffer(chunk) && (chunk.subarray(0, 1).toString() === 'S' || chunk.subarray(0, 1).toString() === 'Q');
    return Object.assign(duplex, {
      write: (chunk: Buffer, ...rest: never[]) => {
        if (syncs(chunk)) wire.push('sent');
        return write(chunk, ...rest);
      },
    }).on('data', () => wire.push('answered'));
  };
  const pool = new pg.Pool({ ...postgres.poolConfig, stream });
  kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  db = pipelined(pool, kysely);
});
afterAll(async () => {
  await kysely.destroy();
  await postgres.close();
});
beforeEach(async () => {
  await sql`drop schema public cascade; create schema public; create table kept (n int primary key)`.execute(db);
  wire = [];
});

const kept = () => rowsOf(db, sql<{ n: number }>`select n from kept order by n`);

it('statements of a transaction that are begun together are sent before the first of them is answered', async () => {
  const answers = await db
    .transaction()
    .execute((tx) => together([1, 2, 3].map((n) => rowsOf(tx, sql<{ n: number }>`select ${n}::int as n`))));
  expect(answers).toEqual([[{ n: 1 }], [{ n: 2 }], [{ n: 3 }]]);
  expect(wire.slice(0, wire.indexOf('answered'))).toEqual(['sent', 'sent', 'sent', 'sent']); // begin, and the three
});

it('a transaction of which a statement fails leaves nothing, tells the failure, and the connection serves the next', async () => {
  const work = db
    .transaction()
    .execute((tx) =>
      together([
        sql`insert into kept values (1)`.execute(tx),
        sql`insert into kept values (1)`.execute(tx),
        sql`insert into kept values (2)`.execute(tx),
      ]),
    );
  await expect(work).rejects.toMatchObject({ code: '23505' });
  expect(await kept()).toEqual([]);
  await db.transaction().execute((tx) => sql`insert into kept values (3)`.execute(tx));
  expect(await kept()).toEqual([{ n: 3 }]);
});

it('a transaction tells the failure that came first, whichever of its statements the work minds', async () => {
  const minding = (mind: (statements: readonly Promise<unknown>[]) => Promise<unknown>) =>
    db.transaction().execute(async (tx) => {
      const statements = [sql`insert into kept values (1), (1)`.execute(tx), sql`insert into kept values (2)`.execute(tx)];
      await Promise.allSettled(statements);
      await mind(statements);
    });
  await expect(minding(async ([, second]) => second)).rejects.toMatchObject({ code: '23505' });
  await expect(minding(async () => 'none of them')).rejects.toMatchObject({ code: '23505' });
  expect(await kept()).toEqual([]);
});

it('what the work throws itself is told as it is, also where a statement failed', async () => {
  const own = new Error('its own');
  const work = db.transaction().execute(async (tx) => {
    await sql`insert into kept values (1), (1)`.execute(tx).catch(() => undefined);
    throw own;
  });
  await expect(work).rejects.toBe(own);
  expect(await kept()).toEqual([]);
});

it('a batch is one transaction, however many read models it changes', async () => {
  const log = await freshStore();
  let transactions = 0;
  const counting: Database = {
    getExecutor: () => db.getExecutor(),
    transaction: () => {
      transactions++;
      return db.transaction();
    },
  };
  const engine = startProjections({
    db: counting,
    store: log.store,
    clock: startClock(),
    models: [counts, perQueue].map(tableModel),
    log: silent,
  });
  await engine.caughtUp();
  transactions = 0;
  const last = await log.append('callback-a', queued('sales'));
  expect(await engine.waitFor(last, 20_000)).toBe(true);
  expect(transactions).toBe(1);
  await engine.close();
  await log.close();
});
