import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import { attemptIdOf, type CallbackEvent, callbackStream } from '../../src/domain/callback/events.ts';
import { DISPATCH_STREAM } from '../../src/domain/dispatch/events.ts';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const admin = () => ({ authorization: `Bearer ${api.adminToken}` });
const PHONE = '+15105550100';
let queues = 0;
let sequence = 0;

const put = async (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<void> => {
  const answer = await ask(api.url, 'PUT', path, { ...admin(), ...headers }, body);
  if (answer.status >= 300) throw new Error(answer.text);
  await api.settle();
};
const queueOf = async (settings: object = {}): Promise<string> => {
  const queue = `line-${++queues}`;
  await put(`/api/queue-settings/${queue}`, settings, { 'if-none-match': '*' });
  return queue;
};
const book = async (serviceName: string): Promise<string> => {
  const headers = { 'x-api-key': api.apiKey };
  const answer = await ask(api.url, 'POST', '/engagement/v3/callbacks/create', headers, { serviceName, phoneNumber: PHONE });
  await api.settle();
  return textAt(answer.body, 'data', 'id');
};
/** Books so many, a second after each other. */
const bookMany = async (queue: string, count: number): Promise<string[]> => {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    await api.clock.advanceBy(1000);
    ids.push(await book(queue));
  }
  return ids;
};
const agents = (count: number, queue: string, skills: Readonly<Record<string, number>> = {}) => {
  const people = Array.from({ length: count }, (_, n) => ({ id: `agent-${n}`, state: 'READY' as const, queues: [queue], skills }));
  api.agents.report({ source: 'pbx', sequence: ++sequence, full: true, agents: people }, api.clock.now());
};
const callers = (queue: string, ...waiting: readonly { readonly enteredAt: number; readonly priority: number }[]) =>
  api.flow.report({ source: 'pbx', sequence: ++sequence, full: true, queues: [{ queue, waiting, distributedAt: [] }] }, api.clock.now());
const line = (queue: string, query = '', headers: Readonly<Record<string, string>> = admin()): Promise<Answer> =>
  ask(api.url, 'GET', `/api/queues/${queue}/line${query}`, headers);
const itemsOf = async (queue: string, query = '') => {
  const { status, body } = await line(queue, query);
  expect(status).toBe(200);
  const items = at(body, 'items');
  return Array.isArray(items) ? items : [];
};
const reasons = async (queue: string) => (await itemsOf(queue)).map((item) => at(item, 'waitsFor'));
const happens = async (id: string, ...events: readonly CallbackEvent[]): Promise<void> => {
  const context = {
    commandId: randomUUID(),
    correlationId: 'r',
    causationId: 'r',
    actor: { kind: 'process', id: 'p', name: 'p' } as const,
  };
  await api.store.append(callbackStream(id), events, 'any', context);
  await api.settle();
};

describe('the waiting line of a queue', () => {
  it('shows who waits in order, where each stands, and that nobody is ready for the first', async () => {
    const queue = await queueOf({ priority: { initial: 5, increment: 1, everySeconds: 1, limit: 100 } });
    const [first = '', second = ''] = await bookMany(queue, 2);
    const { status, body, text } = await line(queue);
    expect(status).toBe(200);
    const common = { attempts: 0, estimatedWaitTime: null, until: null };
    const [now, before] = [api.clock.now(), api.clock.now() - 1000].map(iso);
    expect(body).toEqual({
      items: [
        { position: 1, id: first, priority: 6, enteredAt: before, waitsFor: 'NO_AGENT', ...common },
        { position: 2, id: second, priority: 5, enteredAt: now, waitsFor: 'OTHERS_FIRST', ...common },
      ],
      ...{ next: null, total: 2, inLine: 2 },
    });
    expect(text).not.toContain(PHONE.slice(1));
  });

  it('comes in pages, none of whom is lost or there twice', async () => {
    const queue = await queueOf();
    const ids = await bookMany(queue, 5);
    const seen: unknown[] = [];
    for (let query: string | undefined = '?limit=2'; query !== undefined; ) {
      const { body } = await line(queue, query);
      const items = at(body, 'items');
      if (Array.isArray(items)) seen.push(...items.map((item) => at(item, 'id')));
      const next = at(body, 'next');
      query = typeof next === 'string' ? `?limit=2&cursor=${next}` : undefined;
    }
    expect(seen).toEqual(ids);
    const wrong = await line(queue, '?cursor=bm9uc2Vuc2U');
    expect(failureOf(wrong)).toMatchObject({ status: 400, code: 1001 });
  });

  it('says who is about to be called, and of the next that agents or his queue’s share of them are used up', async () => {
    const queue = await queueOf({ pacing: 0.5 });
    await bookMany(queue, 3);
    agents(1, queue);
    expect(await reasons(queue)).toEqual([null, 'NO_AGENT', 'OTHERS_FIRST']);
    agents(2, queue);
    expect(await reasons(queue)).toEqual([null, 'PACING', 'OTHERS_FIRST']);
  });

  it('waits for agents with the skills that the queue asks for, by the expression of the moment', async () => {
    const queue = await queueOf({ skillExpression: 'spanish > 2' });
    await bookMany(queue, 1);
    agents(3, queue, { spanish: 2 });
    expect(await reasons(queue)).toEqual(['NO_AGENT']);
    await put(`/api/queue-settings/${queue}`, { skillExpression: 'spanish' }, { 'if-match': '*' });
    expect(await reasons(queue)).toEqual([null]);
  });

  it('lets live callers first who come before, and callbacks before those who come later', async () => {
    const queue = await queueOf();
    await bookMany(queue, 1);
    agents(1, queue);
    callers(queue, { enteredAt: api.clock.now() - 60_000, priority: 0 });
    expect(await reasons(queue)).toEqual(['LIVE_CALLERS_FIRST']);
    callers(queue, { enteredAt: api.clock.now() + 1, priority: 0 });
    expect(await reasons(queue)).toEqual([null]);
    callers(queue);
  });

  it('waits as a whole while the queue is stopped, or no region that its rule allows is healthy', async () => {
    const queue = await queueOf();
    await bookMany(queue, 2);
    agents(2, queue);
    await put(`/api/queues/${queue}/stop`, { stopped: true, reason: 'a fire' });
    expect(await reasons(queue)).toEqual(['STOPPED', 'STOPPED']);
    await put(`/api/queues/${queue}/stop`, { stopped: false });
    await put('/api/rules/regions/home', { preferred: ['east'], fallback: ['west'], ignored: ['south'] }, { 'if-none-match': '*' });
    await put(`/api/queues/${queue}/rules`, { regions: 'home' });
    const healthy = (...regions: string[]) => {
      const nodes = regions.map((region) => ({ region, node: 'n', healthy: true }));
      api.regions.report({ source: 'pbx', sequence: ++sequence, full: true, nodes }, api.clock.now());
    };
    expect(await reasons(queue)).toEqual(['NO_REGION', 'NO_REGION']);
    healthy('south');
    expect(await reasons(queue)).toEqual(['NO_REGION', 'NO_REGION']);
    healthy('west');
    expect(await reasons(queue)).toEqual([null, null]);
  });

  it('shows those beside it in their places: until when for local hours, and before a retry', async () => {
    const [hourMs, aheadMs] = [3_600_000, 5.5 * 3_600_000];
    const hour = Math.floor((api.clock.now() + aheadMs) / hourMs) * hourMs; // in Kolkata
    const [from, to] = [iso(hour + 2 * hourMs).slice(11, 16), iso(hour).slice(11, 16)];
    const queue = await queueOf({ localHours: { from, to } }); // in California now and then
    const [first = '', second = '', third = ''] = await bookMany(queue, 3);
    const until = iso(hour + 2 * hourMs - aheadMs);
    const data = { queue, until, because: 'LOCAL_HOURS' as const, zones: ['Asia/Kolkata'], at: iso(api.clock.now()) };
    await happens(first, { type: 'CallbackDeferred', data });
    const attempt = { queue, attemptId: attemptIdOf(second, 1), attempt: 1, at: iso(api.clock.now()) };
    const failed = { outcome: 'BUSY', cause: null, settled: true, counted: true, final: false, reportedAt: null } as const;
    await happens(
      second,
      { type: 'CallbackAttemptStarted', data: { ...attempt, region: null, placeBy: until } },
      { type: 'CallbackAttemptFailed', data: { ...attempt, ...failed } },
    );
    agents(1, queue);
    const rows = (await itemsOf(queue)).map((item) => [at(item, 'id'), at(item, 'position'), at(item, 'waitsFor'), at(item, 'until')]);
    expect(rows).toEqual([
      [first, 1, 'LOCAL_HOURS', until],
      [second, 2, 'RETRY', null],
      [third, 3, null, null],
    ]);
    expect(await line(queue)).toMatchObject({ body: { total: 3, inLine: 1 } });
    await api.clock.advanceTo(Date.parse(until));
    agents(1, queue);
    expect(await reasons(queue)).toEqual([null, 'RETRY', 'NO_AGENT']);
  });

  it('says who can’t be called at this hour before anybody has tried', async () => {
    const queue = await queueOf({ localHours: { from: '01:00', to: '01:01' } });
    await bookMany(queue, 1);
    const [item] = await itemsOf(queue);
    expect(at(item, 'waitsFor')).toBe('LOCAL_HOURS');
    expect(Date.parse(textAt(item, 'until'))).toBeGreaterThan(api.clock.now());
  });

  it('leaves out whoever is decided on', async () => {
    const queue = await queueOf();
    const [id = ''] = await bookMany(queue, 1);
    const data = { queue, callbackId: id, attemptId: attemptIdOf(id, 1), attempt: 1, region: null };
    const [placeBy, now] = [api.clock.now() + 10_000, api.clock.now()].map(iso);
    const decided = { ...data, placeBy: placeBy ?? '', basedOn: { readyAgents: 1, inFlight: 0 }, at: now ?? '' };
    const context = {
      commandId: randomUUID(),
      correlationId: 'r',
      causationId: 'r',
      actor: { kind: 'process', id: 'p', name: 'p' } as const,
    };
    await api.store.append(DISPATCH_STREAM, [{ type: 'AttemptDecided', data: decided }], 'any', context);
    await api.settle();
    expect(await line(queue)).toMatchObject({ body: { items: [], total: 0 } });
  });

  it('doesn’t exist for those who don’t read the queue, and is refused to those without the right', async () => {
    const queue = await queueOf();
    expect(failureOf(await line('no-such-queue'))).toMatchObject({ status: 404 });
    const monitor = await api.token('monitor of lines', 'Monitor');
    expect(await line(queue, '', { authorization: `Bearer ${monitor}` })).toMatchObject({ status: 403 });
    const other = await queueOf();
    await put('/api/access-groups/few', { roles: ['Supervisor'], members: [], reads: [{ queue: other }] }, { 'if-none-match': '*' });
    await put('/api/users/lea', { groups: ['few'] }, { 'if-none-match': '*' });
    const token = textAt((await ask(api.url, 'POST', '/api/users/lea/tokens', admin(), {})).body, 'token');
    await api.settle();
    const lea = { authorization: `Bearer ${token}` };
    expect((await line(other, '', lea)).status).toBe(200);
    expect(failureOf(await line(queue, '', lea))).toEqual(failureOf(await line('no-such-queue')));
  });
});
