import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handle } from '../../src/commands/handle.ts';
import { callbackKind } from '../../src/commands/streams.ts';
import { attemptIdOf, callbackStream } from '../../src/domain/callback/events.ts';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

let api: TestApi;
let agentsChanged = 0;
beforeAll(async () => {
  api = await startApi(({ reportAgents }) => ({
    reportAgents: async (told) => {
      const taken = await reportAgents(told);
      if (taken === 'TAKEN') agentsChanged++;
      return taken;
    },
  }));
});
afterAll(() => api.close());

const report = (attemptId: string, what: string, body: unknown): Promise<Answer> =>
  ask(api.url, 'POST', `/contact-center/attempts/${attemptId}/${what}`, { authorization: `Bearer ${api.connectorKey}` }, body);
const token = () => ({ authorization: `Bearer ${api.adminToken}` });
const callback = async (id: string) => (await ask(api.url, 'GET', `/api/callbacks/${id}`, token())).body;
const lastFact = async (id: string) => {
  const items = at((await ask(api.url, 'GET', `/api/callbacks/${id}/history`, token())).body, 'items');
  return Array.isArray(items) ? items.at(-1) : undefined;
};

const context = { correlationId: 'c', causationId: 'c', actor: { kind: 'process', id: 'dispatch', name: 'dispatch' } } as const;
const start = async (id: string, attempt: number): Promise<string> => {
  const attemptId = attemptIdOf(id, attempt);
  const now = '2026-03-02T10:00:00.000Z';
  const command = { type: 'StartAttempt', attemptId, attempt, region: null, placeBy: '2026-03-02T10:00:10.000Z', now } as const;
  const started = await handle(api.store, callbackKind, callbackStream(id), command, { ...context, commandId: attemptId });
  expect(started.ok).toBe(true);
  return attemptId;
};
/** A callback whose first attempt is on its way, as dispatch starts it. */
const ringing = async (serviceName = 'demo') => {
  const headers = { 'x-api-key': api.apiKey };
  const { body } = await ask(api.url, 'POST', '/engagement/v3/callbacks/create', headers, { serviceName, phoneNumber: '+15105550100' });
  const id = textAt(body, 'data', 'id');
  return { id, attemptId: await start(id, 1) };
};

describe('a report on an attempt', () => {
  it('takes a callback from ringing to its end', async () => {
    const { id, attemptId } = await ringing();
    const answered = await report(attemptId, 'outcome', { outcome: 'ANSWERED', at: '2026-03-02T11:00:05+01:00' });
    expect([answered.status, answered.body]).toEqual([200, { attemptId }]);
    expect(answered.headers.get('x-position')).toMatch(/^\d+$/);
    expect(await callback(id)).toMatchObject({ callbackState: 'ROUTING', positionInQueue: 0, estimatedWaitTime: 0 });
    await report(attemptId, 'connected', { agentId: 'anna', at: '2026-03-02T11:00:06.5+01:00' });
    expect(await lastFact(id)).toMatchObject({
      ...{ type: 'CallbackConnected', actor: { kind: 'connector', name: 'contact center' } },
      data: { agentId: 'anna', reportedAt: '2026-03-02T10:00:06.500Z' },
    });
    expect(await callback(id)).toMatchObject({ callbackState: 'PROCESSING', canCancel: false });
    await report(attemptId, 'ended', { by: 'CUSTOMER' });
    expect(await callback(id)).toMatchObject({
      ...{ callbackState: 'COMPLETED', callbackReason: 'AGENT' },
      metrics: { attempts: [{ attempt: 1, outcome: 'ANSWERED', agentId: 'anna', endedAt: '2026-03-02T10:00:00.000Z' }] },
    });
  });

  it('said again changes nothing, and is answered the same', async () => {
    const { attemptId } = await ringing();
    const first = await report(attemptId, 'connected', { agentId: 'anna' });
    const before = await api.store.lastPosition();
    const again = await report(attemptId, 'connected', { agentId: 'anna' });
    expect([again.status, again.headers.get('x-position')]).toEqual([200, first.headers.get('x-position')]);
    expect(await api.store.lastPosition()).toBe(before);
  });

  it('that fails counts against the queue’s limit of today', async () => {
    await ask(api.url, 'PUT', '/api/queue-settings/once', token(), { maxDialAttempts: 1 });
    const { id, attemptId } = await ringing('once');
    await report(attemptId, 'outcome', { outcome: 'BUSY' });
    expect(await callback(id)).toMatchObject({ callbackState: 'COMPLETED', callbackReason: 'ATTEMPTS_EXHAUSTED' });
    const other = await ringing();
    await report(other.attemptId, 'outcome', { outcome: 'BUSY' });
    expect(await lastFact(other.id)).toMatchObject({
      type: 'CallbackAttemptFailed',
      data: { final: false, settled: true, counted: true, cause: null },
    });
    const invalid = await ringing();
    await report(invalid.attemptId, 'outcome', { outcome: 'INVALID_NUMBER' });
    expect(await callback(invalid.id)).toMatchObject({ callbackReason: 'ATTEMPTS_EXHAUSTED' });
  });

  it('that it was withdrawn, though nobody asked, fails the attempt', async () => {
    const { id, attemptId } = await ringing();
    expect((await report(attemptId, 'withdrawn', undefined)).status).toBe(200);
    expect(await callback(id)).toMatchObject({ callbackState: 'QUEUED' });
    expect(await lastFact(id)).toMatchObject({ type: 'CallbackAttemptFailed', data: { cause: 'WITHDRAWN_UNASKED', counted: false } });
  });

  it('that comes when the callback is over is taken, and changes nothing', async () => {
    const { id, attemptId } = await ringing();
    await ask(api.url, 'POST', `/api/callbacks/${id}/cancel`, token(), {});
    expect((await report(attemptId, 'outcome', { outcome: 'BUSY' })).status).toBe(200);
    expect(await lastFact(id)).toMatchObject({ type: 'CallbackReportDisregarded' });
    expect(await callback(id)).toMatchObject({ callbackReason: 'CANCELLED_BY_ADMIN' });
  });

  it('on one that was never decided is 404', async () => {
    const { id } = await ringing();
    expect(failureOf(await report(attemptIdOf(id, 2), 'ended', { by: 'AGENT' }))).toMatchObject({ status: 404, code: 3002 });
  });
});

describe('a report on agents', () => {
  const tell = (sequence: number, agents: object[], full = true) =>
    ask(api.url, 'PUT', '/contact-center/agents', { 'x-api-key': api.connectorKey }, { source: 'pbx', sequence, full, agents });
  const ready = () => api.agents.groups(api.clock.now()).reduce((sum, group) => sum + group.ready, 0);

  it('is known at once, and dispatch is told', async () => {
    const before = agentsChanged;
    const answer = await tell(1, [{ id: 'a', state: 'READY', queues: ['demo'], skills: { spanish: 3 } }]);
    expect([answer.status, answer.body]).toEqual([200, { source: 'pbx', sequence: 1 }]);
    expect([ready(), agentsChanged]).toEqual([1, before + 1]);
    await tell(2, [{ id: 'b', state: 'READY', queues: ['demo'] }], false);
    expect(ready()).toBe(2);
  });

  it('that is not newer than the last is 409, and changes nothing', async () => {
    await tell(5, [{ id: 'a', state: 'READY', queues: ['demo'] }]);
    const before = agentsChanged;
    for (const sequence of [5, 4]) expect(failureOf(await tell(sequence, []))).toMatchObject({ status: 409, code: 4020 });
    expect([ready(), agentsChanged]).toEqual([1, before]);
  });

  it('that names an agent twice is refused with the place of the second, and changes nothing', async () => {
    const twice = ['a', 'b', 'a'].map((id) => ({ id, state: 'READY', queues: ['demo'] }));
    const before = [ready(), agentsChanged];
    expect(failureOf(await tell(7, twice))).toEqual({
      ...{ status: 400, code: 1001 },
      errors: [{ path: 'agents[2].id', message: 'is there twice' }],
    });
    expect([ready(), agentsChanged]).toEqual(before);
    expect((await tell(7, twice.slice(0, 2))).status).toBe(200);
  });

  it('may be large', async () => {
    const agents = Array.from({ length: 20_000 }, (_, n) => ({ id: `agent-${n}`, state: 'READY', queues: ['demo', 'other', 'third'] }));
    expect((await tell(10, agents)).status).toBe(200);
    expect(ready()).toBe(20_000);
    expect(failureOf(await tell(11, [...agents, ...agents]))).toMatchObject({ status: 400, code: 1001, errors: [{ path: 'agents' }] });
  });
});
