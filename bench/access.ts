import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { isPermitted } from '../src/api/auth/permissions.ts';
import { listQuery } from '../src/api/callbacks/list-query.ts';
import { listRows } from '../src/api/callbacks/list-rows.ts';
import { type AccessEvent, defaultLimits } from '../src/domain/access/events.ts';
import { mayRead, type Reads } from '../src/domain/access/reads.ts';
import { startPostgres } from '../src/embedded/postgres/start.ts';
import { keyedHash } from '../src/keys/keyed-hash.ts';
import { accessView } from '../src/live/access.ts';
import { callbackList } from '../src/projections/callback-list.ts';
import { figuresOf, say } from './kit/figure.ts';
import { runLoad } from './kit/load.ts';
import { median } from './kit/quantile.ts';
import { asClient, withFolder, withService } from './kit/service.ts';

const KEYS = 10_000;
const QUEUES = 2_000;
const ROWS = 200_000;
const ROUNDS = 40;

const figure = figuresOf('access');

/** Microseconds that it takes to know who asks and whether they may, among many keys. */
const decision = (): number => {
  const hashKey = Buffer.alloc(32, 7);
  const view = accessView();
  const at = '2026-03-02T10:00:00.000Z';
  const tell = (event: AccessEvent, revision: number) =>
    view.apply({
      ...event,
      ...{ id: randomUUID(), streamId: 'access', revision: BigInt(revision), position: BigInt(revision) },
      metadata: { version: 1, correlationId: 'r', causationId: 'r', commandId: 'm', actor: { kind: 'user', id: 'a', name: 'a' } },
    });
  const secrets = Array.from({ length: KEYS }, () => randomUUID());
  for (const [i, secret] of secrets.entries()) {
    const hash = keyedHash(hashKey, 'credential', secret);
    const common = { hash, rights: ['callbacks' as const], origins: [], expiresAt: null, limits: defaultLimits, bootstrap: false, at };
    tell({ type: 'ApiKeyCreated', data: { ...common, keyName: `key ${i}`, apiKeyId: `k-${i}` } }, i);
  }
  const rounds = 200_000;
  let permitted = 0;
  const run = () => {
    const begun = performance.now();
    for (let i = 0; i < rounds; i++) {
      const principal = view.principalOf(keyedHash(hashKey, 'credential', secrets[i % KEYS] ?? ''), Date.now());
      const reads: Reads = principal?.kind === 'user' ? principal.reads : 'all';
      if (principal !== undefined && isPermitted(principal, { client: 'callbacks' }) && mayRead(reads, 'demo')) permitted++;
    }
    return ((performance.now() - begun) / rounds) * 1_000;
  };
  run();
  const micros = run();
  if (permitted !== 2 * rounds) throw new Error('everybody was to be let in');
  return micros;
};

/** Microseconds that a booking takes at full load, all told. */
const booking = (dir: string): Promise<number> =>
  withService(dir, async (service) => {
    const headers = { 'content-type': 'application/json', ...asClient };
    const load = (phoneNumber: string, seconds: number) => {
      const body = JSON.stringify({ serviceName: 'demo', phoneNumber });
      return runLoad({ url: `${service.url}/engagement/v3/callbacks/create`, body, headers, seconds });
    };
    await load('+15185550100', 2);
    const { perSecond } = await load('+15185550100', 6);
    return 1_000_000 / perSecond;
  });

/** Milliseconds of a page of the list, of all queues and of half of them. */
const lists = async (dir: string): Promise<{ all: number; half: number }> => {
  const postgres = await startPostgres({ dir: join(dir, 'postgres') });
  const pool = new pg.Pool(postgres.poolConfig);
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  const columns = Object.entries(callbackList.columns).map(([name, type]) => sql`${sql.ref(name)} ${sql.raw(type)}`);
  await sql`create table callback_list (${sql.join(columns)}, primary key (key))`.execute(db);
  for (const index of callbackList.indexes ?? []) await sql`create index on callback_list ${sql.raw(index)}`.execute(db);
  await sql`insert into callback_list select 'c-' || n, 'queue ' || n % ${QUEUES}, 'SCHEDULED', 'USERTERMINATED', '+1518555' || n,
    '2026-03-01T00:00:00Z'::timestamptz + n * interval '1 second', 'SCHEDULED', null, null, 0, now(), now()
    from generate_series(1, ${ROWS}) n`.execute(db);
  await sql`analyze callback_list`.execute(db);
  const half = new Set(Array.from({ length: QUEUES / 2 }, (_, n) => `queue ${n * 2}`));
  const readModels = { db, table: () => 'callback_list', waitFor: async () => true, problem: async () => null, lagMs: async () => 0 };
  const query = listQuery.parse({ from: '2026-03-01T00:00:00.000Z' });
  const period = { from: Date.parse('2026-03-01T00:00:00Z'), to: Date.parse('2026-03-02T00:00:00Z') };
  const times: { all: number[]; half: number[] } = { all: [], half: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, reads] of [
      ['all', 'all'],
      ['half', half],
    ] as const) {
      const begun = performance.now();
      await listRows(readModels, query, { period, cursor: undefined, reads });
      times[name].push(performance.now() - begun);
    }
  }
  await pool.end();
  await postgres.close();
  return { all: median(times.all), half: median(times.half) };
};

await withFolder(async (dir) => {
  say(`Who asks, and whether they may, among ${KEYS} keys; a day's list of ${ROWS} callbacks, of ${QUEUES} queues and of half of them.`);
  const micros = decision();
  const whole = await booking(dir);
  figure('decision', micros, 'µs');
  figure('booking', whole, 'µs');
  figure('share-of-booking', micros / whole, 'ratio', 0.1);
  const { all, half } = await lists(dir);
  figure('list/all-queues', all, 'ms');
  figure('list/half-of-the-queues', half, 'ms');
  figure('list/half-to-all', half / all, 'ratio', 1.2);
});
