import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialingFaults } from '../crash/support/dialing.ts';
import { ask } from '../crash/support/http.ts';
import { idIn } from '../crash/support/load.ts';
import { listed } from '../crash/support/read-back.ts';
import { isReady, shortSettings } from '../crash/support/service.ts';
import { PATIENCE_MS, TEST_MS, until } from '../crash/support/until.ts';
import { noRealPostgres } from '../projections/kit/real-postgres.ts';
import { type Cluster, decisionFaults, holderOf, holdsLease, lostLease, QUEUE, startCluster } from './support/cluster.ts';

const [API, WORKERS] = [0, [1, 2]];
const CALLBACKS = 20;
/** The lease of a node and that of a process's entry (30 s, shortened to a fifth), and an attempt's time to be placed. */
const STOPPED_MS = (shortSettings.placeWithinSeconds + 7) * 1_000;
const title = `a node that serves, and two that work${noRealPostgres === undefined ? '' : ` (${noRealPostgres})`}`;

describe.skipIf(noRealPostgres !== undefined)(title, { timeout: TEST_MS }, () => {
  let cluster: Cluster;
  const ids: string[] = [];
  const holder = async (): Promise<number> => {
    const found = await until('a node holds the lease', PATIENCE_MS, () => holderOf(cluster.nodes())?.toString());
    return Number(found);
  };
  const book = async (count: number): Promise<void> => {
    const bookings = Array.from({ length: count }, async (_, n) => {
      const body = { serviceName: QUEUE, phoneNumber: `+1212558${String(1_000 + ids.length + n)}` };
      const answer = await ask('client', 'POST', `${cluster.node(API).url}/engagement/v3/callbacks/create`, body);
      expect(answer?.status).toBe(200);
      return (answer && idIn(answer)) ?? '';
    });
    ids.push(...(await Promise.all(bookings)));
  };
  const allAreCompleted = () =>
    until('all are completed', PATIENCE_MS, async () => {
      const completed = new Set((await listed(cluster.node(API).url, '&state=COMPLETED'))?.map(({ id }) => id));
      return ids.every((id) => completed.has(id));
    });

  beforeAll(async () => {
    cluster = await startCluster({ seed: 'roles', roles: ['api', 'worker', 'worker'], shortened: true });
  }, TEST_MS);
  afterAll(() => cluster?.close(), TEST_MS);

  it('makes the calls, although the contact center tells of its agents to the one that serves', async () => {
    await book(CALLBACKS);
    await allAreCompleted();
    expect(WORKERS).toContain(await holder());
  });

  it('has workers that answer for their health and with figures, and to nothing else', async () => {
    for (const { url } of WORKERS.map(cluster.node)) {
      expect(await isReady(url)).toBe(true);
      expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^ringback_worker [01]$/m);
      expect((await ask('admin', 'GET', `${url}/api/callbacks`))?.status).toBe(404);
    }
  });

  it('goes on with the other worker when the one that works is killed', async () => {
    const killed = await holder();
    const other = cluster.node(3 - killed);
    const said = other.said.length;
    await book(CALLBACKS);
    await cluster.node(killed).end();
    await until('the other holds the lease', PATIENCE_MS, () => other.said.slice(said).some((line) => holdsLease.test(line)));
    await book(CALLBACKS);
    await allAreCompleted();
    await cluster.restart(killed);
    expect(await holder()).toBe(3 - killed);
  });

  it('takes no harm from one that worked, was stopped for longer than its leases, and wakes', async () => {
    const index = await holder();
    const [stopped, other] = [cluster.node(index), cluster.node(3 - index)];
    await book(CALLBACKS);
    stopped.signal('SIGSTOP');
    const stoppedAt = performance.now();
    await until('the other holds the lease', PATIENCE_MS, () => holderOf([other]) === 0);
    await allAreCompleted();
    await until('its leases are past', PATIENCE_MS, () => performance.now() - stoppedAt > STOPPED_MS);
    await book(CALLBACKS);
    stopped.signal('SIGCONT');
    await stopped.says(lostLease);
    await book(CALLBACKS);
    await allAreCompleted();
    expect(stopped.isRunning()).toBe(true);
    expect(dialingFaults(cluster.center.record(), shortSettings.ringLimitSeconds * 1_000)).toEqual([]);
    expect(decisionFaults(await cluster.facts())).toEqual([]);
  });
});
