import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { dialingFaults } from '../crash/support/dialing.ts';
import { ask, secrets } from '../crash/support/http.ts';
import { idIn } from '../crash/support/load.ts';
import { placesFaults } from '../crash/support/places.ts';
import { foldedAll, listed } from '../crash/support/read-back.ts';
import { putQueue, shortSettings } from '../crash/support/service.ts';
import { PATIENCE_MS, TEST_MS, until } from '../crash/support/until.ts';
import { noRealPostgres } from '../projections/kit/real-postgres.ts';
import { type Cluster, decisionFaults, holderOf, holdsLease, QUEUE, startCluster } from './support/cluster.ts';

const CLIENTS = 256;
const PLACES = 5;
/** A second, and what a machine that is busy with other tests may add. */
const LATEST_MS = 10_000;
const title = `two nodes on one event store and one Postgres${noRealPostgres === undefined ? '' : ` (${noRealPostgres})`}`;

const create = (url: string, body: object) =>
  ask('client', 'POST', `${url}/engagement/v3/callbacks/create`, { serviceName: QUEUE, ...body });

describe.skipIf(noRealPostgres !== undefined)(title, { timeout: TEST_MS }, () => {
  let cluster: Cluster;
  const urls = () => cluster.nodes().map(({ url }) => url);
  const holder = () =>
    until('a node holds the lease', PATIENCE_MS, () => [holderOf(cluster.nodes())].filter((index) => index !== undefined)[0]?.toString());

  /** Books on these nodes in turn, so many as asked. */
  const book = async (on: readonly string[], count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let n = 0; n < count; n++) {
      const answer = await create(on[n % on.length] ?? '', { phoneNumber: `+1212555${String(1_000 + n)}` });
      expect(answer?.status).toBe(200);
      ids.push((answer && idIn(answer)) ?? '');
    }
    return ids;
  };
  /** Waits until what one node has answered holds on the other, which the rules want within a second, and says how long that took. */
  const inForce = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    const start = performance.now();
    await until(what, PATIENCE_MS, holds);
    const ms = performance.now() - start;
    console.info(`${what}: after ${Math.round(ms)} ms`);
    expect(ms).toBeLessThan(LATEST_MS);
  };
  const areCompleted = (url: string, ids: readonly string[]) =>
    until('all are completed', PATIENCE_MS, async () => {
      const completed = new Set((await listed(url, '&state=COMPLETED'))?.map(({ id }) => id));
      return ids.every((id) => completed.has(id));
    });

  beforeAll(async () => {
    cluster = await startCluster({ seed: 'two nodes' });
  }, TEST_MS);
  afterAll(() => cluster?.close(), TEST_MS);

  it('both serve, and exactly one does the work', async () => {
    await holder();
    const ids = await book(urls(), 20);
    for (const url of urls()) await areCompleted(url, ids);
    const workers = cluster.nodes().filter(({ said }) => said.some((line) => holdsLease.test(line)));
    expect(workers).toHaveLength(1);
  });

  it('has a change of settings in force on the other', async () => {
    const [here = '', there = ''] = urls();
    await putQueue(here, QUEUE, { callDisplayName: 'changed here' });
    await until('the other node goes by it', PATIENCE_MS, async () => {
      const answer = await ask('admin', 'GET', `${there}/api/queue-settings/${QUEUE}`);
      return JSON.stringify(answer?.body).includes('changed here');
    });
    await putQueue(there, 'new-queue');
    await until('the other node books on it', PATIENCE_MS, async () => {
      const answer = await ask('client', 'POST', `${here}/engagement/v3/callbacks/create`, {
        serviceName: 'new-queue',
        phoneNumber: '+12125550100',
      });
      return answer?.status === 200;
    });
  });

  it('has a number rule of one node in force on the other, at its assignment, its edit and its end', async () => {
    const [here = '', there = ''] = urls();
    const permit = (...countries: string[]) =>
      ask('admin', 'PUT', `${here}/api/rules/numbers/permitted`, { countries }, { 'if-match': '*' });
    const assign = (numbers: string | null) => ask('admin', 'PUT', `${here}/api/queues/ruled/rules`, { numbers });
    const answers = (status: number) =>
      inForce(`a rule, so that the other node answers ${status}`, async () => {
        const answer = await ask('client', 'POST', `${there}/engagement/v3/callbacks/create`, {
          serviceName: 'ruled',
          phoneNumber: '+12125550100',
        });
        return answer?.status === status;
      });
    await putQueue(here, 'ruled');
    await answers(200);
    await ask('admin', 'PUT', `${here}/api/rules/numbers/permitted`, { countries: ['VN'] });
    await assign('permitted');
    await answers(400);
    await permit('US', 'VN');
    await answers(200);
    await permit('VN');
    await answers(400);
    await assign(null);
    await answers(200);
  });

  it(`gives ${PLACES} places to ${PLACES} of ${CLIENTS} who race for them through both, and proposes others to the rest`, async () => {
    await putQueue(urls()[0] ?? '', QUEUE, { slotCapacity: PLACES });
    const slotMs = shortSettings.slotDurationMinutes * 60_000;
    const start = Math.ceil((Date.now() + 86_400_000) / slotMs) * slotMs;
    await until('both go by the capacity', PATIENCE_MS, async () => {
      const answers = await Promise.all(urls().map((url) => ask('admin', 'GET', `${url}/api/queue-settings/${QUEUE}`)));
      return answers.every((answer) => JSON.stringify(answer?.body).includes(`"slotCapacity":${PLACES}`));
    });
    const racers = Array.from({ length: CLIENTS }, (_, n) => {
      const desiredTime = new Date(start + n * 1_000).toISOString();
      return create(urls()[n % 2] ?? '', { phoneNumber: `+1212556${String(1_000 + n)}`, desiredTime, alwaysCheckCapacity: true });
    });
    const answers = await Promise.all(racers);
    const counts = new Map<number | undefined, number>();
    for (const answer of answers) counts.set(answer?.status, (counts.get(answer?.status) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual({ 200: PLACES, 429: CLIENTS - PLACES });
    const refusal = z.object({ proposed: z.array(z.object({ utcTime: z.iso.datetime(), capacity: z.int().min(1) })) });
    for (const answer of answers.filter((one) => one?.status === 429)) {
      const { proposed } = refusal.parse(answer?.body);
      expect(proposed).toHaveLength(10);
      const distances = proposed.map(({ utcTime }) => Math.abs(Date.parse(utcTime) - start));
      expect(distances.every((distance, n) => distance > 0 && distance >= (distances[n - 1] ?? 0) - slotMs)).toBe(true);
    }
  });

  it('overbooks no slot while both take checked and unchecked bookings, moves and cancels of the same slots', async () => {
    await putQueue(urls()[0] ?? '', 'contended', { slotCapacity: PLACES });
    const slotMs = shortSettings.slotDurationMinutes * 60_000;
    const start = Math.ceil((Date.now() + 2 * 86_400_000) / slotMs) * slotMs;
    const times = Array.from({ length: 9 }, (_, n) => new Date(start + (n * slotMs) / 3).toISOString());
    const timeOf = (n: number) => times[n % times.length] ?? '';
    const post = (url: string, path: string, body: object) => ask('client', 'POST', `${url}${path}`, body);
    await until('both know the queue', PATIENCE_MS, async () => {
      const answers = await Promise.all(urls().map((url) => ask('admin', 'GET', `${url}/api/queue-settings/contended`)));
      return answers.every((answer) => answer?.status === 200);
    });
    const worker = async (n: number) => {
      const [here = '', there = ''] = n % 2 === 0 ? urls() : urls().reverse();
      for (let round = 0; round < 4; round++) {
        const body = { serviceName: 'contended', phoneNumber: `+1212558${String(1_000 + n)}`, desiredTime: timeOf(n + round) };
        const booked = await post(here, '/engagement/v3/callbacks/create', { ...body, alwaysCheckCapacity: (n + round) % 6 !== 0 });
        expect([200, 429]).toContain(booked?.status);
        const id = booked && idIn(booked);
        if (id === undefined) continue;
        const desiredTime = timeOf(n + 3 * round);
        if (n % 3 === 0) await post(there, `/api/callbacks/${id}/reschedule`, { desiredTime, alwaysCheckCapacity: true });
        if (n % 3 === 1) await post(there, '/engagement/v3/callbacks/cancel', { id });
      }
    };
    await Promise.all(Array.from({ length: 48 }, (_, n) => worker(n)));
    const facts = (await cluster.facts()).filter(({ data }) => data.queue === 'contended');
    expect(facts.filter(({ type }) => type === 'PlaceTaken').length).toBeGreaterThan(3 * PLACES);
    expect(placesFaults(facts, { slotMs, capacityOf: () => PLACES, kills: [] })).toEqual([]);
  });

  it('lets the other take over when the one that works is killed, and what was booked is made', async () => {
    const index = Number(await holder());
    const other = cluster.node(1 - index);
    const before = await book(urls(), 20);
    await cluster.node(index).end();
    await other.says(holdsLease);
    const after = await book([other.url], 10);
    await areCompleted(other.url, [...before, ...after]);
    await cluster.restart(index);
    expect(holderOf(cluster.nodes())).toBe(1 - index);
    await areCompleted(urls()[index] ?? '', await book(urls(), 4));
    expect(dialingFaults(cluster.center.record(), shortSettings.ringLimitSeconds * 1000)).toEqual([]);
    expect(decisionFaults(await cluster.facts())).toEqual([]);
  });

  it('keeps one list, equal to what the histories say, whoever of them is asked', async () => {
    await until('the list is what the histories say', PATIENCE_MS, async () => {
      const [here, there] = await Promise.all(urls().map((url) => listed(url)));
      const ids = here?.map(({ id }) => id) ?? [];
      return ids.length > 50 && isDeepStrictEqual(here, there) && isDeepStrictEqual(here, await foldedAll(urls()[1] ?? '', ids));
    });
  });

  it('refuses a key on the other node once one has revoked it', async () => {
    const [here = '', there = ''] = urls();
    const status = async (key: string) =>
      (await fetch(`${there}/engagement/v3/callbacks/availability/${QUEUE}`, { headers: { 'x-api-key': key } })).status;
    const body = z.object({ id: z.string(), key: z.string() });
    const { id, key } = body.parse((await ask('admin', 'POST', `${here}/api/api-keys`, { name: 'short', rights: ['callbacks'] }))?.body);
    await inForce('a key', async () => (await status(key)) !== 401);
    const revoked = await ask('admin', 'DELETE', `${here}/api/api-keys/${id}`, undefined, { 'if-match': '*' });
    expect(revoked?.status).toBe(204);
    await inForce('a key’s end', async () => (await status(key)) === 401);
  });

  it('has a new token of one node in force on the other, and the one before no more', async () => {
    const [, there = ''] = urls();
    const token = 'n'.repeat(40);
    const withToken = async (bearer: string) =>
      (await fetch(`${there}/api/queue-settings`, { headers: { authorization: `Bearer ${bearer}` } })).status;
    expect(await withToken(secrets.adminToken)).toBe(200);
    await cluster.node(0).end();
    await cluster.restart(0, { BOOTSTRAP_ADMIN_TOKEN: token });
    await until('the other node knows it', PATIENCE_MS, async () => (await withToken(token)) === 200);
    expect(await withToken(secrets.adminToken)).toBe(401);
  });
});
