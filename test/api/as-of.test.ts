import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callbackStream } from '../../src/domain/callback/events.ts';
import { context } from '../eventstore/samples.ts';
import { example } from '../laws/example.ts';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { NOW, startApi, type TestApi } from './support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const user = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(api.url, method, `/api${path}`, { authorization: `Bearer ${api.adminToken}`, ...headers }, body);
const positionOf = ({ headers }: Answer): string => headers.get('x-position') ?? '';
const PERIOD = 'from=2026-03-01T00:00:00Z&to=2026-04-01T00:00:00Z';
const asOf = (when: string, what: string) => user('GET', `/audit/as-of?${when}&${what}`);

/** Asks again for as long as it is being computed. */
const ready = async (when: string, what: string): Promise<Answer> => {
  for (;;) {
    const answer = await asOf(when, what);
    if (answer.status !== 202) return answer;
    expect(answer.headers.get('retry-after')).toBe('2');
  }
};
const list = async (when: string, more = '') => (await ready(when, `report=callbacks&${PERIOD}${more}`)).body;

/** What a list said once, as a look back at it has to say it again. */
const lookedBack = (items: unknown) =>
  (Array.isArray(items) ? items : []).map((item: Record<string, unknown>) => {
    const { canCancel, canReschedule, canRecreate, ...rest } = item;
    return { ...rest, positionInQueue: null, estimatedWaitTime: null };
  });

describe('the list as of a position or an instant', () => {
  it('is what the list was then, whatever came after', async () => {
    const seen: { position: string; instant: string; items: unknown; total: unknown }[] = [];
    const look = async (position: string) => {
      const { body } = await user('GET', `/callbacks?${PERIOD}`, undefined, { 'x-position': position });
      seen.push({
        position,
        instant: new Date(api.clock.now()).toISOString(),
        items: lookedBack(at(body, 'items')),
        total: at(body, 'total'),
      });
      await api.clock.advanceBy(7_000);
    };
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) {
      const booked = await user('POST', '/callbacks', {
        ...{ serviceName: 'demo', phoneNumber: `+1510555010${n}` },
        ...(n === 1 ? { desiredTime: '2026-03-03T10:00:00Z' } : {}),
      });
      ids.push(textAt(booked.body, 'id'));
      await look(positionOf(booked));
    }
    await look(positionOf(await user('POST', `/callbacks/${ids[1]}/reschedule`, { desiredTime: '2026-03-04T10:00:00Z' })));
    await look(positionOf(await user('POST', `/callbacks/${ids[0]}/cancel`, {})));

    for (const { position, instant, items, total } of seen) {
      expect(await list(`position=${position}`)).toMatchObject({ position, instant, items, total, next: null, unreadable: 0 });
      expect(await list(`instant=${instant}`)).toMatchObject({ instant, items, total });
      const one = await asOf(`position=${position}`, `callback=${ids[0]}`);
      expect(at(one.body, 'callback')).toEqual((items as { id: string }[]).find(({ id }) => id === ids[0]));
    }
    const [, second] = seen;
    const page = await list(`position=${second?.position}`, '&limit=1&sort=createdAt');
    const rest = await list(`position=${second?.position}`, `&limit=1&sort=createdAt&cursor=${at(page, 'next')}`);
    expect([at(page, 'items', 0, 'id'), at(rest, 'items', 0, 'id'), at(rest, 'next')]).toEqual([ids[0], ids[1], null]);
    expect(await list(`position=${second?.position}`, '&state=SCHEDULED')).toMatchObject({ total: 1, items: [{ id: ids[1] }] });
    const before = new Date(Date.parse(second?.instant ?? '') - 1).toISOString();
    expect(await list(`instant=${before}`)).toMatchObject({ position: seen[0]?.position, total: 1 });
  });

  it('has lost the numbers of those who were erased since, and says of how many', async () => {
    const booked = await user('POST', '/callbacks', { serviceName: 'demo', phoneNumber: '+15105550177' });
    const id = textAt(booked.body, 'id');
    const then = `position=${positionOf(booked)}`;
    const only = '&column=id&contains=';
    expect(await list(then, only + id)).toMatchObject({ unreadable: 0, items: [{ phoneNumber: '+15105550177' }] });
    const erased = example('PersonalDataErased', { queue: 'demo', at: new Date(api.clock.now()).toISOString() });
    const appended = await api.store.append(callbackStream(id), [erased], 'any', { ...context, commandId: 'erase' });
    const position = appended.ok ? appended.position.toString() : '';
    await user('GET', `/callbacks?${PERIOD}`, undefined, { 'x-position': position });
    expect(await list(then, only + id)).toMatchObject({ unreadable: 1, total: 1, items: [{ phoneNumber: null }] });
  });

  it('asks for a time that was, and a position that is there', async () => {
    const future = new Date(api.clock.now() + 1).toISOString();
    const fields = async (when: string, what = 'report=callbacks') => failureOf(await asOf(when, what));
    const wrong = (path: string) => ({ status: 400, errors: [expect.objectContaining({ path })] });
    expect(await fields(`instant=${future}`)).toMatchObject(wrong('instant'));
    expect(await fields('instant=2020-01-01T00:00:00Z')).toMatchObject(wrong('instant'));
    expect(await fields('position=999999999')).toMatchObject(wrong('position'));
    expect(await fields('position=1&instant=2026-03-02T10:00:00Z')).toMatchObject(wrong('position'));
    expect(await fields('sort=desiredTime')).toMatchObject(wrong('position'));
    expect(await fields('position=1', 'limit=3')).toMatchObject({ status: 400 });
    expect(await fields('position=1', 'callback=x&state=QUEUED')).toMatchObject(wrong('state'));
    expect(await fields('position=1', 'queue=a&queue=b')).toMatchObject(wrong('queue'));
  });

  it('is for those who may see reports and audit', async () => {
    for (const [role, status] of [
      ['Supervisor', 200],
      ['Developer', 403],
      ['Monitor', 403],
    ] as const) {
      const token = await api.token(`an as-of ${role}`, role);
      await api.settle();
      const instant = new Date(api.clock.now()).toISOString();
      const answer = await ask(api.url, 'GET', `/api/audit/as-of?instant=${instant}&queue=demo`, { authorization: `Bearer ${token}` });
      expect(answer.status).toBe(status);
    }
  });
});

describe('one thing as of an instant', () => {
  it('is a queue’s settings as they were in force', async () => {
    const instant = () => new Date(api.clock.now()).toISOString();
    await user('PUT', '/queue-settings/changing', { slotCapacity: 3 });
    const first = instant();
    const was = (await user('GET', '/queue-settings/changing')).body;
    await api.clock.advanceBy(1_000);
    await user('PUT', '/queue-settings/changing', { slotCapacity: 5 }, { 'if-match': '*' });
    expect(at((await asOf(`instant=${first}`, 'queue=changing')).body, 'queue')).toEqual(was);
    expect(at((await asOf(`instant=${instant()}`, 'queue=changing')).body, 'queue', 'settings', 'slotCapacity')).toBe(5);
    expect(failureOf(await asOf(`instant=${new Date(NOW - 1).toISOString()}`, 'queue=changing'))).toMatchObject({ status: 404 });
  });

  it('is a rule or business hours, and the same bytes however often it is asked for', async () => {
    const instant = () => new Date(api.clock.now()).toISOString();
    await user('PUT', '/business-hours/earlier', { zone: 'UTC', weekly: { mon: 'all-day' } });
    await user('PUT', '/rules/capacity/earlier', { days: { mon: { '09:00': 2 } }, duration: 60 });
    await user('PUT', '/rules/regions/earlier', { preferred: ['east'] });
    const first = instant();
    const was = async (path: string) => (await user('GET', path)).body;
    const [hours, capacity, regions] = [
      await was('/business-hours/earlier'),
      await was('/rules/capacity/earlier'),
      await was('/rules/regions/earlier'),
    ];
    await api.clock.advanceBy(1_000);
    await user('PUT', '/business-hours/earlier', { zone: 'UTC', weekly: {} }, { 'if-match': '*' });
    await user('PUT', '/rules/capacity/earlier', { days: {}, duration: 60 }, { 'if-match': '*' });
    const then = `instant=${first}`;
    expect(at((await asOf(then, 'calendar=earlier')).body, 'calendar')).toEqual(hours);
    expect(at((await asOf(then, 'rule=capacity/earlier')).body, 'rule')).toEqual(capacity);
    expect(at((await asOf(then, 'rule=regions/earlier')).body, 'rule')).toEqual(regions);
    for (const what of ['calendar=earlier', 'rule=capacity/earlier', 'report=configuration']) {
      const { text, body } = await asOf(then, what);
      await user('PUT', '/queue-settings/later', { slotCapacity: text.length }, { 'if-match': '*' });
      expect((await asOf(then, what)).text).toBe(text);
      const again = (await asOf(`position=${at(body, 'position')}`, what)).body;
      expect({ ...Object(again), instant: null }).toEqual({ ...Object(body), instant: null });
    }
    for (const what of ['calendar=never', 'rule=numbers/earlier']) expect((await asOf(then, what)).status).toBe(404);
    const wrong = async (what: string) => at(failureOf(await asOf(then, what)).errors, 0, 'path');
    expect(await wrong('rule=earlier')).toBe('rule');
    expect(await wrong('calendar=earlier&queue=demo')).toBe('queue');
    expect(await wrong('report=configuration&queue=demo')).toBe('queue');
  });

  it('is the whole configuration, of the queues that the asker reads', async () => {
    const { body } = await asOf(`instant=${new Date(api.clock.now()).toISOString()}`, 'report=configuration');
    const queuesIn = (found: unknown) => (at(found, 'configuration', 'queues') as { queue: string }[]).map(({ queue }) => queue);
    expect(queuesIn(body)).toEqual(expect.arrayContaining(['default', 'demo', 'changing']));
    await user('PUT', '/users/limited', { groups: [] });
    await user('PUT', '/access-groups/only-demo', { roles: ['Supervisor'], members: ['limited'], reads: [{ queue: 'demo' }] });
    const token = textAt((await user('POST', '/users/limited/tokens', {})).body, 'token');
    await api.settle();
    const path = `/api/audit/as-of?position=${at(body, 'position')}&report=configuration`;
    expect(queuesIn((await ask(api.url, 'GET', path, { authorization: `Bearer ${token}` })).body)).toEqual(['default', 'demo']);
  });

  it('is yesterday’s configuration, which is put back in one step as it stands', async () => {
    const configuration = async () => (await user('GET', '/configuration')).body;
    await user('PUT', '/queue-settings/lost', { slotCapacity: 7 });
    await user('PUT', '/rules/numbers/then', { countries: ['US'] });
    await user('PUT', '/queues/lost/rules', { numbers: 'then' });
    const was = await configuration();
    const position = String(await api.store.lastPosition());
    await api.clock.advanceBy(86_400_000);
    await user('DELETE', '/queue-settings/lost', undefined, { 'if-match': '*' });
    await user('PUT', '/rules/numbers/then', { countries: ['CA'] }, { 'if-match': '*' });
    await user('PUT', '/queue-settings/demo', { slotCapacity: 1 }, { 'if-match': '*' });
    await user('PUT', '/queue-settings/added', {});
    expect(await configuration()).not.toEqual(was);
    const then = at((await asOf(`position=${position}`, 'report=configuration')).body, 'configuration');
    expect(then).toEqual(was);
    const put = await user('PUT', '/configuration?replace=true', then, { 'if-match': '*' });
    expect([put.status, await configuration()]).toEqual([200, was]);
    expect((await user('GET', '/queue-settings/added')).status).toBe(404);
  });

  it('is not found before it was booked', async () => {
    const early = new Date(api.clock.now()).toISOString();
    await api.clock.advanceBy(1_000);
    const id = textAt((await user('POST', '/callbacks', { serviceName: 'demo', phoneNumber: '+15105550100' })).body, 'id');
    expect(failureOf(await asOf(`instant=${early}`, `callback=${id}`))).toMatchObject({ status: 404 });
    const now = new Date(api.clock.now()).toISOString();
    expect((await asOf(`instant=${now}`, `callback=${id}`)).body).toMatchObject({
      ...{ instant: now, callback: { id, callbackState: 'QUEUED', phoneNumber: '+15105550100', positionInQueue: null } },
      reasons: { estimatedWaitTime: expect.any(String), positionInQueue: expect.any(String) },
    });
  });
});
