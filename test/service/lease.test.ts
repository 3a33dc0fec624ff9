import pg from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { followLease } from '../../src/service/lease.ts';
import { PATIENCE_MS, TEST_MS, until } from '../crash/support/until.ts';
import { noRealPostgres, type RealPostgres, startRealPostgres } from '../projections/kit/real-postgres.ts';

const title = `the lease${noRealPostgres === undefined ? '' : ` (${noRealPostgres})`}`;

describe.skipIf(noRealPostgres !== undefined)(title, { timeout: TEST_MS }, () => {
  let postgres: RealPostgres;
  let nodes: { readonly close: () => Promise<void> }[] = [];
  beforeAll(async () => {
    postgres = await startRealPostgres();
  }, TEST_MS);
  afterEach(async () => {
    for (const node of nodes) await node.close();
    nodes = [];
  });
  afterAll(() => postgres?.close());

  /** Nodes that follow the lease; what they did about it, in order, and who holds it now. */
  const cluster = (count: number) => {
    const did: string[] = [];
    const holding = new Set<number>();
    let most = 0;
    const giveUps = new Map<number, () => void>();
    const all = Array.from({ length: count }, (_, node) => {
      const held = async (giveUp: () => void) => {
        did.push(`${node} works`);
        holding.add(node);
        most = Math.max(most, holding.size);
        giveUps.set(node, giveUp);
        return {
          close: async () => {
            did.push(`${node} stops`);
            holding.delete(node);
          },
        };
      };
      const log = pino({ level: 'silent' });
      return followLease({ connectionString: postgres.connectionString, log, held, lookMs: 20, silenceMs: 60_000 });
    });
    nodes.push(...all);
    const holder = () => until('one holds it', PATIENCE_MS, async () => (holding.size === 1 ? { node: [...holding][0] ?? -1 } : undefined));
    return { all, did, holding, holder, giveUps, most: () => most };
  };
  const asAdministrator = async (statement: string) => {
    const client = new pg.Client({ connectionString: postgres.connectionString });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  const KILL_HOLDER = `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted`;

  it('is held by one node at a time, and by another once that one ends', async () => {
    const { all, did, holder, most } = cluster(3);
    const { node: first } = await holder();
    await all[first]?.close();
    const { node: second } = await holder();
    expect(second).not.toBe(first);
    expect(did).toEqual([`${first} works`, `${first} stops`, `${second} works`]);
    expect(most()).toBe(1);
  });

  it('is lost with the session that holds it: the work stops, and somebody works again', async () => {
    const { did, holder } = cluster(2);
    const { node } = await holder();
    await asAdministrator(KILL_HOLDER);
    await until('the work stopped', PATIENCE_MS, () => did.includes(`${node} stops`));
    await holder();
    expect(did.filter((line) => line.endsWith('works')).length).toBeGreaterThan(1);
  });

  it('is given up when the work can’t go on, and may be had again', async () => {
    const { did, holder, giveUps } = cluster(1);
    await holder();
    giveUps.get(0)?.();
    await until('it works again', PATIENCE_MS, () => did.length === 3);
    expect(did).toEqual(['0 works', '0 stops', '0 works']);
  });

  it('is nobody’s while Postgres is away, and somebody’s when it is back', async () => {
    const { holder, holding, did } = cluster(2);
    await holder();
    await postgres.stop();
    await until('nobody works', PATIENCE_MS, () => holding.size === 0);
    await postgres.start();
    await holder();
    expect(did).toHaveLength(3);
  });
});
