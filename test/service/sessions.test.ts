import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionStart } from '../../src/api/session/deps.ts';
import { startPostgres } from '../../src/embedded/postgres/start.ts';
import { keyedHash } from '../../src/keys/keyed-hash.ts';
import { openSessions } from '../../src/service/sessions.ts';
import { signInTables } from '../../src/service/sign-in-tables.ts';
import { manualClock } from '../support/manual-clock.ts';
import { freshPostgresDir } from '../support/postgres.ts';

const [SECOND_MS, MINUTE_MS] = [1_000, 60_000];
const start: SessionStart = { user: 'ann', proof: { kind: 'token', hash: 'x' }, signedOutAt: null };

let postgres: Awaited<ReturnType<typeof startPostgres>>;
let pool: pg.Pool;
beforeAll(async () => {
  postgres = await startPostgres({ dir: await freshPostgresDir() });
  pool = new pg.Pool(postgres.poolConfig);
});
afterAll(async () => {
  await pool.end();
  await postgres.close();
});

/** A node, and the statements that it has sent to Postgres. */
const node = (clock = manualClock(Date.parse('2026-03-02T10:00:00.000Z'))) => {
  const sent: string[] = [];
  const log = ({ query }: { readonly query: { readonly sql: string } }) => void sent.push(query.sql);
  const tables = signInTables(new Kysely<unknown>({ dialect: new PostgresDialect({ pool }), log }));
  const hash = (label: string, ...parts: string[]) => keyedHash(Buffer.alloc(32, 1), label, ...parts);
  const limits = { idleMs: 20 * MINUTE_MS, longestMs: 12 * 60 * MINUTE_MS };
  const sessions = openSessions({ tables, hash, ...limits, clock, log: pino({ level: 'silent' }) });
  const count = (kind: string) => sent.filter((text) => text.includes(kind)).length;
  return { sessions, clock, reads: () => count('select start'), writes: () => count('update ops_sessions') };
};

describe('sessions', () => {
  it('are read at most once a second, by however many requests, and not at all where they began a moment ago', async () => {
    const { sessions, clock, reads } = node();
    const secret = await sessions.begin(start);
    const use = () => Promise.all(Array.from({ length: 20 }, () => sessions.find(secret)));
    expect(await use()).toEqual(Array.from({ length: 20 }, () => start));
    expect(reads()).toBe(0);
    await clock.advanceBy(SECOND_MS);
    await use();
    await use();
    expect(reads()).toBe(1);
  });

  it('are written at most once a minute, and known on another node by that', async () => {
    const { sessions, clock, writes } = node();
    const secret = await sessions.begin(start);
    for (let seconds = 0; seconds < 119; seconds++) {
      await clock.advanceBy(SECOND_MS);
      await sessions.find(secret);
    }
    expect(writes()).toBe(1);
    const other = node(clock).sessions;
    await clock.advanceBy(19 * MINUTE_MS);
    expect(await other.find(secret)).toEqual(start);
    await clock.advanceBy(20 * MINUTE_MS);
    expect(await node(clock).sessions.find(secret)).toBeUndefined();
  });

  it('that were ended are not revived by what was being read meanwhile', async () => {
    const { sessions, clock } = node();
    const secret = await sessions.begin(start);
    await clock.advanceBy(SECOND_MS);
    const [found] = await Promise.all([sessions.find(secret), sessions.end(secret)]);
    expect(found).toBeUndefined();
    expect(await sessions.find(secret)).toBeUndefined();
  });

  it('of one user are fifty at most: the oldest make room', async () => {
    const { sessions, clock } = node();
    const secrets: string[] = [];
    for (let n = 0; n < 51; n++) {
      secrets.push(await sessions.begin({ ...start, user: 'many' }));
      await clock.advanceBy(1);
    }
    const elsewhere = node(clock).sessions;
    const found = await Promise.all(secrets.map((secret) => elsewhere.find(secret)));
    expect(found.map((one) => one !== undefined)).toEqual([false, ...Array.from({ length: 50 }, () => true)]);
  });
});
