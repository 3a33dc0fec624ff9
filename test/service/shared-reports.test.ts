import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AgentReport, MOST_AGENTS } from '../../src/live/agent-report.ts';
import { type AgentsView, agentsView } from '../../src/live/agents.ts';
import { departuresView } from '../../src/live/departures.ts';
import { type FlowReport, flowView } from '../../src/live/flow.ts';
import { FORGOTTEN_MS, MOST_SOURCES } from '../../src/live/kit/silence.ts';
import { regionsView } from '../../src/live/regions.ts';
import { sharedAgents, sharedFlow, sharedRegions } from '../../src/service/shared-center.ts';
import { shareReports } from '../../src/service/shared-reports.ts';
import { PATIENCE_MS, TEST_MS, until } from '../crash/support/until.ts';
import { noRealPostgres, type RealPostgres, startRealPostgres } from '../projections/kit/real-postgres.ts';
import { silent } from '../projections/kit/stack.ts';
import { manualClock } from '../support/manual-clock.ts';

const START = Date.UTC(2026, 2, 1, 10);
const title = `reports that nodes share${noRealPostgres === undefined ? '' : ` (${noRealPostgres})`}`;
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
  let nodes: ReturnType<typeof shareReports>[] = [];

  beforeAll(async () => {
    postgres = await startRealPostgres();
    pool = new pg.Pool({ connectionString: postgres.connectionString });
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined)); // as the service's own pool
    db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  }, TEST_MS);
  afterEach(async () => {
    for (const node of nodes) await node.close();
    nodes = [];
    await sql`drop table if exists ops_agents, ops_agent_sources, ops_reports`.execute(db);
  });
  afterAll(async () => {
    await pool?.end();
    await postgres?.close();
  });

  const node = () => {
    const view = agentsView();
    let woken = 0;
    const changed = () => void woken++;
    const departures = departuresView();
    const flow = flowView(departures.tell);
    const regions = regionsView();
    const common = { db, changed, clock };
    const kinds = [
      sharedAgents({ ...common, view }),
      sharedFlow({ ...common, view: flow }),
      sharedRegions({ ...common, view: regions }),
    ] as const;
    const shared = shareReports({ connectionString: postgres.connectionString, kinds, log: silent });
    nodes.push(shared);
    const [ofAgents, ofFlow, ofRegions] = kinds;
    return {
      ...{ view, flow, regions, departures, report: shared.report(ofAgents), woken: () => woken },
      reportFlow: shared.report(ofFlow),
      reportRegions: shared.report(ofRegions),
    };
  };
  const ready = (view: AgentsView) => view.groups(clock.now()).reduce((sum, group) => sum + group.ready, 0);
  const comesToBe = (view: AgentsView, count: number) => until(`${count} are ready`, PATIENCE_MS, () => ready(view) === count);

  it('of agents are known to the node that was told at once, and to the others as soon as they hear of it', async () => {
    const [one, other] = [node(), node()];
    expect(await one.report(report(1, [{ id: 'a' }, { id: 'b' }, { id: 'c', state: 'BUSY' }]))).toBe('TAKEN');
    expect(ready(one.view)).toBe(2);
    expect(one.woken()).toBeGreaterThan(0);
    await comesToBe(other.view, 2);
    expect(other.woken()).toBeGreaterThan(0);
    await other.report(report(2, [{ id: 'c' }], { full: false }));
    expect(ready(other.view)).toBe(3);
    await comesToBe(one.view, 3);
    await one.report(report(3, [{ id: 'b' }]));
    await comesToBe(other.view, 1);
  });

  it('of agents change by a newer one only, whichever node it comes to', async () => {
    const [one, other] = [node(), node()];
    await one.report(report(5, [{ id: 'a' }]));
    for (const sequence of [5, 4]) expect(await other.report(report(sequence, []))).toBe('STALE');
    const racers = await Promise.all(Array.from({ length: 20 }, (_, n) => [one, other][n % 2]?.report(report(6, [{ id: `x${n}` }]))));
    expect(racers.filter((taken) => taken === 'TAKEN')).toHaveLength(1);
    await comesToBe(one.view, 1);
    await comesToBe(other.view, 1);
    expect(await one.report(report(1, [{ id: 'a' }], { source: 'other' }))).toBe('TAKEN');
    await comesToBe(other.view, 2);
  });

  it('of agents are the same on every node, whichever of them were told what', async () => {
    const [one, other] = [node(), node()];
    for (let sequence = 1; sequence <= 61; sequence++) {
      const agents = ['a', 'b', 'c', 'd'].filter((_, n) => (sequence >> n) % 2 === 0);
      const state = sequence % 3 === 0 ? 'BUSY' : 'READY';
      const told = report(
        sequence,
        agents.map((id) => ({ id, state, queues: sequence % 5 === 0 ? ['q', 'r'] : ['q'] })),
        { full: sequence % 4 === 0 },
      );
      await [one, other][sequence % 2]?.report(told);
    }
    const late = node();
    const groups = (view: AgentsView) =>
      JSON.stringify(
        view
          .groups(clock.now())
          .map(({ profile: { queues }, ready }) => [[...queues], ready])
          .sort(),
      );
    for (const { view } of [one, other, late]) {
      await until('it knows the last report', PATIENCE_MS, () => view.sequences(clock.now()).get('pbx') === 61);
      expect(groups(view)).toBe(groups(one.view));
    }
    expect(ready(one.view)).toBeGreaterThan(0);
  });

  it('of agents are known to a node that starts later, and fall silent by when they were told of', async () => {
    await node().report(report(1, [{ id: 'a' }]));
    await clock.advanceBy(29_000);
    const late = node();
    await comesToBe(late.view, 1);
    await clock.advanceBy(1_000);
    expect(ready(late.view)).toBe(0);
  });

  it('are forgotten when their source has been silent for five minutes, on every node: it may begin its sequence anew', async () => {
    const [one, other] = [node(), node()];
    const far = Number.MAX_SAFE_INTEGER;
    await one.report(report(far, [{ id: 'a' }, { id: 'b' }]));
    await one.reportRegions({ source: 'pbx', sequence: far, full: true, nodes: [{ region: 'east', node: '1', healthy: true }] });
    await comesToBe(other.view, 2);
    await clock.advanceBy(FORGOTTEN_MS);
    expect(await other.report(report(1, [{ id: 'c' }]))).toBe('STALE');
    await clock.advanceBy(1);
    expect(await other.report(report(1, [{ id: 'c' }], { full: false }))).toBe('TAKEN');
    expect(await one.reportRegions({ source: 'pbx', sequence: 1, full: false, nodes: [] })).toBe('TAKEN');
    expect(ready(other.view)).toBe(1);
    await comesToBe(one.view, 1);
    await until('the other forgets', PATIENCE_MS, () => other.regions.sequences(clock.now()).get('pbx') === 1);
    for (const { regions } of [one, other]) expect(regions.known()).toEqual([]);
  });

  it('come of so many sources, and tell of so much, at most', async () => {
    const one = node();
    for (let n = 0; n < MOST_SOURCES; n++) {
      const source = `pbx-${n}`;
      expect(await one.report(report(1, [], { source }))).toBe('TAKEN');
      expect(await one.reportRegions({ source, sequence: 1, full: true, nodes: [] })).toBe('TAKEN');
    }
    expect(await one.report(report(1, []))).toBe('TOO_MANY_SOURCES');
    expect(await one.reportRegions({ source: 'pbx', sequence: 1, full: true, nodes: [] })).toBe('TOO_MANY_SOURCES');
    const all = Array.from({ length: MOST_AGENTS }, (_, n) => ({ id: `a-${n}` }));
    const source = 'pbx-0';
    expect(await one.report(report(2, all, { source }))).toBe('TAKEN');
    expect(await one.report(report(3, [{ id: 'more' }], { source, full: false }))).toBe('TOO_MUCH');
    expect(await one.report(report(3, [{ id: 'more' }, { id: 'a-0', state: 'OUT' }], { source, full: false }))).toBe('TAKEN');
    expect(ready(one.view)).toBe(MOST_AGENTS);
  });

  it('are taken again once Postgres is back', async () => {
    const [one, other] = [node(), node()];
    await one.report(report(1, [{ id: 'a' }]));
    await comesToBe(other.view, 1);
    await postgres.stop();
    await expect(one.report(report(2, [{ id: 'a' }, { id: 'b' }]))).rejects.toThrow();
    await postgres.start();
    await until('it is taken', PATIENCE_MS, () =>
      one
        .report(report(3, [{ id: 'a' }, { id: 'b' }]))
        .then((taken) => taken === 'TAKEN')
        .catch(() => false),
    );
    await comesToBe(other.view, 2);
  });

  it('of live calls and regions are known on every node as agents are, folded where they come in', async () => {
    const [one, other] = [node(), node()];
    const flow = (sequence: number, queue: string, enteredAt: number, distributedAt: number[], full = false): FlowReport => ({
      ...{ source: 'pbx', sequence, full, queues: [{ queue, waiting: [{ enteredAt, priority: 1 }], distributedAt }] },
    });
    expect(await one.reportFlow(flow(1, 'a', 1, [START - 30_000, START - 20_000]))).toBe('TAKEN');
    expect(await other.reportFlow(flow(2, 'b', 2, [START]))).toBe('TAKEN');
    for (const sequence of [2, 1]) expect(await one.reportFlow(flow(sequence, 'a', 9, []))).toBe('STALE');
    expect(await other.reportFlow(flow(3, 'a', 3, [START - 20_000, START - 10_000]))).toBe('TAKEN');
    const late = node();
    for (const { flow: view, departures } of [one, other, late]) {
      await until('it knows the last report', PATIENCE_MS, () => view.sequences(clock.now()).get('pbx') === 3);
      expect(['a', 'b'].map((queue) => view.waiting(queue, clock.now()))).toEqual([
        [{ enteredAt: 3, priority: 1 }],
        [{ enteredAt: 2, priority: 1 }],
      ]);
      expect(departures.meanGapSeconds('a')).toBe(10);
    }

    const nodes = (healthy: boolean) => [{ region: 'east', node: '1', healthy }];
    expect(await one.reportRegions({ source: 'pbx', sequence: 1, full: true, nodes: nodes(true) })).toBe('TAKEN');
    await until('the other knows', PATIENCE_MS, () => other.regions.healthy(clock.now()).has('east'));
    const races = [one, other, late].map((racer) => racer.reportRegions({ source: 'pbx', sequence: 2, full: true, nodes: nodes(false) }));
    expect((await Promise.all(races)).filter((taken) => taken === 'TAKEN')).toHaveLength(1);
    for (const { regions } of [one, other, late])
      await until('it is not healthy any more', PATIENCE_MS, () => regions.healthy(clock.now()).size === 0);
  });
});
