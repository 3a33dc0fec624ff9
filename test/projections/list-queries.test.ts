import Fastify from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listDoNotCall } from '../../src/api/do-not-call/list.ts';
import { callbacksOf } from '../../src/api/erase/callbacks-of.ts';
import { callbackList } from '../../src/projections/callback-list.ts';
import { doNotCallList } from '../../src/projections/do-not-call.ts';
import { tableModel } from '../../src/projections/kit/model.ts';
import type { Projection } from '../../src/projections/kit/projection.ts';
import { embeddedDatabase, type TestDatabase } from './kit/stack.ts';

const ROWS = 20_000;

let database: TestDatabase;
/** The statements that were sent, with what they were given. */
let sent: { readonly sql: string; readonly parameters: readonly unknown[] }[];
let db: Kysely<unknown>;
const make = async (projection: Projection, rows: ReturnType<typeof sql>): Promise<void> => {
  const model = tableModel(projection);
  await model.create(database.db, projection.name);
  await sql`insert into ${sql.table(projection.name)} ${rows}`.execute(database.db);
  await model.index(database.db, projection.name);
  await sql`analyze ${sql.table(projection.name)}`.execute(database.db);
};
beforeAll(async () => {
  database = await embeddedDatabase();
  sent = [];
  db = new Kysely({
    dialect: new PostgresDialect({ pool: database.pool }),
    log: ({ query }) => void sent.push(query),
  });
  await make(
    callbackList,
    sql`select 'c-' || n, 'queue ' || n % 20, 'IMMEDIATE', 'USERTERMINATED', case when n % 2 = 0 then '+1212' || 5000000 + n end,
      now(), 'QUEUED', null, null, 0, now(), now(), n from generate_series(1, ${ROWS}) n`,
  );
  await make(
    doNotCallList,
    sql`select md5(n::text), '+1212' || 5000000 + n, '2026-03-01T00:00:00Z'::timestamptz + n % 3 * interval '1 day', 'ann', n
      from generate_series(1, ${ROWS}) n`,
  );
});
afterAll(async () => {
  await database.close();
});

/** How Postgres goes about what was sent since. */
const plans = async (): Promise<string> => {
  const said: string[] = [];
  for (const { sql: text, parameters } of sent.splice(0)) {
    const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>({ text: `explain ${text}`, values: [...parameters] });
    said.push(...rows.map((row) => row['QUERY PLAN']));
  }
  return said.join('\n');
};
const readModels = () => ({
  db,
  table: (name: string) => name,
  waitFor: async () => true,
  problem: async () => null,
  lagMs: async () => 0,
});

describe('of a table of any size', () => {
  it('the callbacks of a number are looked up, not searched for', async () => {
    const commands = { store: { lastPosition: async () => 0n } };
    const found = await callbacksOf({ readModels: readModels(), commands }, '+12125000400', 'all');
    expect(found).toEqual(['c-400']);
    const plan = await plans();
    expect(plan).toContain('callback_list_2');
    expect(plan).not.toContain('Seq Scan');
  });

  it.each(['addedAt', '-addedAt'])(
    'a page of the do-not-call list, by %s, is read from where it begins, and nothing is counted',
    async (sort) => {
      const app = Fastify();
      app.setValidatorCompiler(validatorCompiler);
      app.setSerializerCompiler(serializerCompiler);
      await app.register(
        listDoNotCall({ readModels: readModels(), liveWaitFor: async () => true, doNotCall: { size: () => ROWS, etag: () => 'e' } }),
      );
      const page = async (cursor = '') => (await app.inject(`/do-not-call?sort=${sort}&limit=50${cursor}`)).json();
      const first = await page();
      expect(first).toMatchObject({ total: ROWS });
      const second = await page(`&cursor=${first.next}`);
      expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(100);
      const plan = await plans();
      expect(plan.match(/Index Scan/g)).toHaveLength(2);
      expect(plan).not.toMatch(/Seq Scan|Sort|Aggregate/);
      await app.close();
    },
  );
});
