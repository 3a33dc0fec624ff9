import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Generated, Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineRefusal, openEngine } from '../../src/embedded/postgres/engine-thread.ts';
import { type EmbeddedPostgres, startPostgres } from '../../src/embedded/postgres/start.ts';
import { freshPostgresDir } from '../support/postgres.ts';

/** Clients of the same engine besides the pool's, as another part of the service would have. */
const connect = async (embedded: EmbeddedPostgres) => {
  const client = new pg.Client({ ...embedded.poolConfig });
  client.on('error', () => undefined); // a broken connection is told by its queries
  await client.connect();
  return client;
};

const open = async (dir: string) => {
  const embedded = await startPostgres({ dir });
  const pool = new pg.Pool(embedded.poolConfig);
  pool.on('error', () => undefined);
  const close = async () => {
    await pool.end();
    await embedded.close();
  };
  return { embedded, pool, close };
};
type Opened = Awaited<ReturnType<typeof open>>;

describe('a pool on the embedded Postgres', () => {
  let opened: Opened;
  const query = async (text: string, values: unknown[] = []) => (await opened.pool.query(text, values)).rows;
  beforeAll(async () => {
    opened = await open(await freshPostgresDir());
  });
  afterAll(() => opened.close());

  it('answers queries with and without parameters', async () => {
    expect(await query('select 1 as a')).toEqual([{ a: 1 }]);
    expect(await query('select $1::text as a, $2::int as b', ['x', 7])).toEqual([{ a: 'x', b: 7 }]);
  });

  it('gives int8 and numeric as text, so that no digit is lost', async () =>
    expect(await query('select 9007199254740993::int8 as a, 0.10::numeric as b')).toEqual([{ a: '9007199254740993', b: '0.10' }]));

  it('reads and writes instants in UTC', async () => {
    expect(await query("select '2026-03-01T10:00:00.123Z'::timestamptz as a")).toEqual([{ a: new Date('2026-03-01T10:00:00.123Z') }]);
    expect(await query("select '2026-03-01T10:00:00.123Z'::timestamptz::text as a")).toEqual([{ a: '2026-03-01 10:00:00.123+00' }]);
  });

  it('takes jsonb, bytea and null as they are', async () => {
    const value = { a: [1, null, 'ü'], b: { c: true } };
    const bytes = Buffer.from([0, 1, 88, 255]);
    expect(await query('select $1::jsonb as a, $2::bytea as b, $3::text as c', [value, bytes, null])).toEqual([
      { a: value, b: bytes, c: null },
    ]);
  });

  it('upserts many rows from arrays in one statement', async () => {
    await query('create table upserted (key text primary key, n int8, tags text[])');
    const upsert = (keys: string[], ns: (string | null)[]) =>
      query(
        'insert into upserted (key, n) select * from unnest($1::text[], $2::int8[]) on conflict (key) do update set n = excluded.n returning key',
        [keys, ns],
      );
    const keys = Array.from({ length: 5000 }, (_, i) => `k${i}`);
    expect(
      await upsert(
        keys,
        keys.map((_, i) => String(i)),
      ),
    ).toHaveLength(5000);
    await upsert(['k1', 'k2'], ['100', null]);
    await query('update upserted set tags = $1 where key = any($2)', [['a', 'b,"c'], ['k1']]);
    expect(await query("select * from upserted where key in ('k1', 'k2', 'k3') order by key")).toEqual([
      { key: 'k1', n: '100', tags: ['a', 'b,"c'] },
      { key: 'k2', n: null, tags: null },
      { key: 'k3', n: '3', tags: null },
    ]);
  });

  it('carries values and results of megabytes', async () => {
    const long = 'ä'.repeat(2_000_000);
    expect(await query('select $1::text as a', [long])).toEqual([{ a: long }]);
    const rows = await query("select i, repeat('x', 100) as a from generate_series(1, 50000) i");
    expect(rows).toHaveLength(50_000);
    expect(rows.at(-1)).toEqual({ i: 50_000, a: 'x'.repeat(100) });
  });

  it('tells errors by code, with the constraint that was broken, and goes on', async () => {
    await query('create table checked (n int constraint positive check (n > 0), m int unique)');
    await expect(query('select * from nowhere')).rejects.toMatchObject({ code: '42P01' });
    await expect(query('selec $1', [1])).rejects.toMatchObject({ code: '42601', position: '1' });
    await expect(query('insert into checked values ($1, 1)', [-1])).rejects.toMatchObject({ code: '23514', constraint: 'positive' });
    await query('insert into checked values (1, 1)');
    await expect(query('insert into checked values (2, 1)')).rejects.toMatchObject({ code: '23505', constraint: 'checked_m_key' });
    await expect(query('select $1::int', ['x'])).rejects.toMatchObject({ code: '22P02' });
    expect(await query('select * from checked')).toEqual([{ n: 1, m: 1 }]);
  });

  it('answers each of many callers at once with what is theirs, failures among them', async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 300 }, (_, i) => query('select 10 / $1::int * 0 + $1::int as a', [i % 10])),
    );
    answers.forEach((answer, i) => {
      if (i % 10 === 0) expect(answer).toMatchObject({ status: 'rejected', reason: { code: '22012' } });
      else expect(answer).toEqual({ status: 'fulfilled', value: [{ a: i % 10 }] });
    });
  });

  it('serves kysely with transactions that commit or leave nothing', async () => {
    type Tables = { moved: { id: Generated<number>; amount: string } };
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: opened.pool }) });
    await sql`create table moved (id int generated always as identity, amount int8 not null)`.execute(db);
    await db.transaction().execute((tx) =>
      tx
        .insertInto('moved')
        .values([{ amount: '1' }, { amount: '2' }])
        .execute(),
    );
    const failing = db.transaction().execute(async (tx) => {
      await tx.insertInto('moved').values({ amount: '3' }).execute();
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    const broken = db.transaction().execute(async (tx) => {
      await tx.insertInto('moved').values({ amount: '4' }).execute();
      await sql`select 1 / 0`.execute(tx);
    });
    await expect(broken).rejects.toMatchObject({ code: '22012' });
    expect(await db.selectFrom('moved').select('amount').orderBy('id').execute()).toEqual([{ amount: '1' }, { amount: '2' }]);
  });
});

describe('several connections to the one session', () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open(await freshPostgresDir());
    await opened.pool.query('create table entries (who text, n int)');
  });
  afterAll(() => opened.close());

  it('wait while one is in a transaction, and see it whole', async () => {
    const [a, b] = [await connect(opened.embedded), await connect(opened.embedded)];
    const order: string[] = [];
    await a.query('begin');
    const waiting = b.query('select count(*)::int as n from entries').then(({ rows }) => {
      order.push('b read');
      return rows;
    });
    await a.query("insert into entries values ('a', 1)");
    await a.query("insert into entries values ('a', 2)");
    order.push('a commits');
    await a.query('commit');
    expect(await waiting).toEqual([{ n: 2 }]);
    expect(order).toEqual(['a commits', 'b read']);
    await Promise.all([a.end(), b.end()]);
  });

  it('wait while a transaction has failed but is not over', async () => {
    const [a, b] = [await connect(opened.embedded), await connect(opened.embedded)];
    await a.query('begin');
    await expect(a.query('select 1 / 0')).rejects.toMatchObject({ code: '22012' });
    const waiting = b.query('select 1 as a');
    await expect(a.query('select 1')).rejects.toMatchObject({ code: '25P02' });
    await a.query('rollback');
    expect((await waiting).rows).toEqual([{ a: 1 }]);
    await Promise.all([a.end(), b.end()]);
  });

  it('leave without waiting for the one in a transaction', async () => {
    const [a, b] = [await connect(opened.embedded), await connect(opened.embedded)];
    await a.query('begin');
    await b.end();
    await a.query('commit');
    await a.end();
  });

  it('go on when one leaves in the middle of a transaction, which is rolled back', async () => {
    const [a, b] = [await connect(opened.embedded), await connect(opened.embedded)];
    await a.query('begin');
    await a.query("insert into entries values ('gone', 1)");
    const waiting = b.query("select count(*)::int as n from entries where who = 'gone'");
    await a.end();
    expect((await waiting).rows).toEqual([{ n: 0 }]);
    await b.end();
  });

  it('each keep their own order, whoever comes between', async () => {
    const clients = await Promise.all(Array.from({ length: 4 }, () => connect(opened.embedded)));
    const transact = async (client: pg.Client, who: string) => {
      for (let n = 0; n < 25; n++) {
        await client.query('begin');
        const { rows } = await client.query('select coalesce(max(n), 0) + 1 as next from entries where who = $1', ['shared']);
        await client.query('insert into entries values ($1, $2)', ['shared', rows[0].next]);
        await client.query(n % 5 === 0 ? 'rollback' : 'commit');
      }
      return who;
    };
    await Promise.all(clients.map((client, i) => transact(client, `c${i}`)));
    const { rows } = await opened.pool.query(
      "select count(*)::int as n, max(n) as last, count(distinct n)::int as distinct from entries where who = 'shared'",
    );
    expect(rows).toEqual([{ n: 80, last: 80, distinct: 80 }]);
    await Promise.all(clients.map((client) => client.end()));
  });

  it('find a session without the leftovers of those before', async () => {
    const opened = await open(await freshPostgresDir());
    const before = await connect(opened.embedded);
    await before.query("set time zone 'Asia/Kathmandu'");
    await before.query('create temp table leftover (n int)');
    await before.query({ name: 'left', text: 'select 1 as a' });
    await before.end();
    expect((await opened.pool.query('show time zone')).rows).toEqual([{ TimeZone: 'UTC' }]);
    await expect(opened.pool.query('select * from leftover')).rejects.toMatchObject({ code: '42P01' });
    expect((await opened.pool.query({ name: 'left', text: 'select 2 as a' })).rows).toEqual([{ a: 2 }]);
    await opened.close();
  });
});

describe('the files of the embedded Postgres', () => {
  const count = async ({ pool }: Opened) => (await pool.query('select count(*)::int as n from kept')).rows;
  const withKept = async (rows: number) => {
    const dir = await freshPostgresDir();
    const opened = await open(dir);
    await opened.pool.query('create table kept as select * from generate_series(1, $1::int)'.replace('$1', String(rows)));
    return { dir, opened };
  };

  it('are made where there are none', async () => {
    const dir = join(dirname(await freshPostgresDir()), 'deeper', 'postgres');
    const opened = await open(dir);
    expect(opened.embedded.setAside).toBeUndefined();
    expect((await opened.pool.query('select 1 as a')).rows).toEqual([{ a: 1 }]);
    await opened.close();
    expect(await readdir(dirname(dir))).toEqual(['postgres']);
  });

  it('hold what was written when opened again', async () => {
    const { dir, opened } = await withKept(10);
    await opened.close();
    const again = await open(dir);
    expect(again.embedded.setAside).toBeUndefined();
    expect(await count(again)).toEqual([{ n: 10 }]);
    await again.close();
  });

  it('hold what was committed, and nothing else, when the engine was never closed', async () => {
    const { dir, opened } = await withKept(10);
    const client = await opened.pool.connect();
    await client.query('begin');
    await client.query('insert into kept values (11)');
    const copy = `${dir}-as-after-a-kill`;
    await cp(dir, copy, { recursive: true }); // the engine stands still meanwhile
    await client.query('rollback');
    client.release();
    await opened.close();
    const again = await open(copy);
    expect(again.embedded.setAside).toBeUndefined();
    expect(await count(again)).toEqual([{ n: 10 }]);
    await again.close();
  });

  const damages: readonly [string, (dir: string) => Promise<void>][] = [
    ['the control file is gone', (dir) => rm(join(dir, 'global', 'pg_control'))],
    [
      'a catalogue is overwritten',
      async (dir) => {
        const file = join(dir, 'base', '5', '1259');
        await writeFile(file, Buffer.alloc((await readFile(file)).length, 0xab));
      },
    ],
    ['they are of another version', (dir) => writeFile(join(dir, 'PG_VERSION'), '15\n')],
  ];
  it.each(damages)('are refused when %s', async (_, damage) => {
    const dir = await freshPostgresDir();
    await damage(dir);
    await expect(openEngine(dir)).rejects.toThrow(EngineRefusal);
  });

  it('are set aside when they are refused, and it starts empty', async () => {
    const { dir, opened } = await withKept(10);
    await opened.close();
    await rm(join(dir, 'global', 'pg_control'));
    const before = await readdir(join(dir, 'base'));
    const again = await open(dir);
    expect(again.embedded.setAside).toBe(`${dir}.set-aside-1`);
    expect(await readdir(join(`${dir}.set-aside-1`, 'base'))).toEqual(before);
    await expect(count(again)).rejects.toMatchObject({ code: '42P01' });
    await again.close();
  });

  it('are set aside when they are no database, beside those set aside before', async () => {
    const dir = await freshPostgresDir();
    await mkdir(`${dir}.set-aside-1`);
    await rm(join(dir, 'PG_VERSION'));
    const opened = await open(dir);
    expect(opened.embedded.setAside).toBe(`${dir}.set-aside-2`);
    expect((await opened.pool.query('select 1 as a')).rows).toEqual([{ a: 1 }]);
    await opened.close();
  });
});

describe('when the engine breaks down', () => {
  /** PGlite can't take COPY FROM STDIN in pieces: its session ends, and the thread with it. */
  const breakDown = 'copy victims from stdin';

  it('pending queries fail, those who come after find what was committed', async () => {
    const opened = await open(await freshPostgresDir());
    await opened.pool.query('create table victims (n int)');
    await opened.pool.query('insert into victims values (1)');
    const other = await connect(opened.embedded);
    const results = await Promise.allSettled([other.query(breakDown), other.query('select 1'), opened.pool.query('select 2')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await expect(other.query('select 1')).rejects.toThrow();
    expect((await opened.pool.query('select * from victims')).rows).toEqual([{ n: 1 }]);
    await opened.close();
  });

  it('a closed one takes no connections', async () => {
    const opened = await open(await freshPostgresDir());
    await opened.close();
    await expect(connect(opened.embedded)).rejects.toThrow('the embedded Postgres is closed');
  });

  it('closing it ends what is open: pending and later queries fail', async () => {
    const opened = await open(await freshPostgresDir());
    const client = await connect(opened.embedded);
    await client.query('begin');
    const waiting = opened.pool.query('select 1').then(
      () => 'answered',
      () => 'failed',
    );
    await opened.embedded.close();
    expect(await waiting).toBe('failed');
    await expect(client.query('select 1')).rejects.toThrow();
    await opened.pool.end();
  });
});
