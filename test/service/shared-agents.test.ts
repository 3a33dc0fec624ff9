import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AgentReport, type AgentsView, agentsView } from '../../src/live/agents.ts';
import { shareAgents } from '../../src/service/shared-agents.ts';
import { PATIENCE_MS, TEST_MS, until } from '../crash/support/until.ts';
import { noRealPostgres, type RealPostgres, startRealPostgres } from '../projections/kit/real-postgres.ts';
import { silent } from '../projections/kit/stack.ts';
import { manualClock } from '../support/manual-clock.ts';

const START = Date.UTC(2026, 2, 1, 10);
const title = `agents that nodes share${noRealPostgres === undefined ? '' : ` (${noRealPostgres})`}`;
type Told = Partial<AgentReport['agents'][number]> & { readonly id: string };
const report = (sequence: number, agents: readonly Told[], some: Partial<AgentReport> = {}): AgentReport => ({
  ...{ source: 'pbx', sequence, full: true },
  agents: agents.map((agent) => ({ state: 'READY', queues: ['q'], skills: { spanish: 3 }, ...agent })),
  ...some,
});

describe.skipIf(noRealPostgres !== undefined)(title, { timeout: TEST_MS }, () => {
  let postgres: RealPostgres;
  let pool: pg.Pool;
  let db: Kysely<unknown>;
  const clock = manualClock(START);
  let nodes: ReturnType<typeof shareAgents>[] = [];

  beforeAll(async () => {
    postgres = await startRealPostgres();
    pool = new pg.Pool({ connectionString: postgres.connectionString });
    pool.on('error', () => undefined);
    db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  }, TEST_MS);
  afterEach(async () => {
    for (const node of nodes) await node.close();
    nodes = [];
    await sql`drop table if exists ops_agents, ops_agent_sources`.execute(db);
  });
  afterAll(async () => {
    await pool?.end();
    await postgres?.close();
  });

  const node = () => {
    const view = agentsView();
    let woken = 0;
    const changed = () => void woken++;
    const shared = shareAgents({ connectionString: postgres.connectionString, db, view, changed, clock, log: silent });
    nodes.push(shared);
    return { view, shared, woken: () => woken };
  };
  const ready = (view: AgentsView) => view.groups(clock.now()).reduce((sum, group) => sum + group.ready, 0);
  const comesToBe = (view: AgentsView, count: number) => until(`${count} are ready`, PATIENCE_MS, () => ready(view) === count);

  it('are known to the node that was told at once, and to the others as soon as they hear of it', async () => {
    const [one, other] = [node(), node()];
    expect(await one.shared.report(report(1, [{ id: 'a' }, { id: 'b' }, { id: 'c', state: 'BUSY' }]))).toBe(true);
    expect(ready(one.view)).toBe(2);
    expect(one.woken()).toBeGreaterThan(0);
    await comesToBe(other.view, 2);
    expect(other.woken()).toBeGreaterThan(0);
    await other.shared.report(report(2, [{ id: 'c' }], { full: false }));
    expect(ready(other.view)).toBe(3);
    await comesToBe(one.view, 3);
    await one.shared.report(report(3, [{ id: 'b' }]));
    await comesToBe(other.view, 1);
  });

  it('change by a newer report only, whichever node it comes to', async () => {
    const [one, other] = [node(), node()];
    await one.shared.report(report(5, [{ id: 'a' }]));
    for (const sequence of [5, 4]) expect(await other.shared.report(report(sequence, []))).toBe(false);
    const racers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => [one, other][n % 2]?.shared.report(report(6, [{ id: `x${n}` }]))),
    );
    expect(racers.filter(Boolean)).toHaveLength(1);
    await comesToBe(one.view, 1);
    await comesToBe(other.view, 1);
    expect(await one.shared.report(report(1, [{ id: 'a' }], { source: 'other' }))).toBe(true);
    await comesToBe(other.view, 2);
  });

  it('are the same on every node, whichever of them were told what', async () => {
    const [one, other] = [node(), node()];
    for (let sequence = 1; sequence <= 61; sequence++) {
      const agents = ['a', 'b', 'c', 'd'].filter((_, n) => (sequence >> n) % 2 === 0);
      const state = sequence % 3 === 0 ? 'BUSY' : 'READY';
      const told = report(
        sequence,
        agents.map((id) => ({ id, state, queues: sequence % 5 === 0 ? ['q', 'r'] : ['q'] })),
        { full: sequence % 4 === 0 },
      );
      await [one, other][sequence % 2]?.shared.report(told);
    }
    const late = node();
    const groups = (view: AgentsView) =>
      JSON.stringify(
        view
          .groups(clock.now())
          .map(({ queues, ready }) => [[...queues], ready])
          .sort(),
      );
    for (const { view } of [one, other, late]) {
      await until('it knows the last report', PATIENCE_MS, () => view.sequences().get('pbx') === 61);
      expect(groups(view)).toBe(groups(one.view));
    }
    expect(ready(one.view)).toBeGreaterThan(0);
  });

  it('are known to a node that starts later, and fall silent by when they were told of', async () => {
    await node().shared.report(report(1, [{ id: 'a' }]));
    await clock.advanceBy(29_000);
    const late = node();
    await comesToBe(late.view, 1);
    await clock.advanceBy(1_000);
    expect(ready(late.view)).toBe(0);
  });

  it('are told of again once Postgres is back', async () => {
    const [one, other] = [node(), node()];
    await one.shared.report(report(1, [{ id: 'a' }]));
    await comesToBe(other.view, 1);
    await postgres.stop();
    await expect(one.shared.report(report(2, [{ id: 'a' }, { id: 'b' }]))).rejects.toThrow();
    await postgres.start();
    await until('it is taken', PATIENCE_MS, () => one.shared.report(report(3, [{ id: 'a' }, { id: 'b' }])).catch(() => false));
    await comesToBe(other.view, 2);
  });
});
