import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callbackStream } from '../../src/domain/callback/events.ts';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const user = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(api.url, method, `/api${path}`, { authorization: `Bearer ${api.adminToken}`, ...headers }, body);
const client = (method: string, path: string, body?: unknown): Promise<Answer> =>
  ask(api.url, method, path, { 'x-api-key': api.apiKey }, body);
const good = { serviceName: 'demo', phoneNumber: '+15105550100' };
const book = async (body: object = {}) => {
  const { headers, body: answer } = await client('POST', '/engagement/v3/callbacks/create', { ...good, ...body });
  return { id: textAt(answer, 'data', 'id'), position: headers.get('x-position') ?? '' };
};
const items = (answer: Answer): unknown[] => {
  const found = at(answer.body, 'items');
  if (!Array.isArray(found)) throw new Error(`no items in ${answer.text}`);
  return found;
};
const ids = (answer: Answer): unknown[] => items(answer).map((item) => at(item, 'id'));

describe('a user who books', () => {
  it('gets the callback, its address, and where it was recorded', async () => {
    const answer = await user('POST', '/callbacks', { ...good, userData: { a: 1 } }, { 'x-reason': 'called the shop' });
    const id = textAt(answer.body, 'id');
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/api/callbacks/${id}`);
    expect(answer.body).toMatchObject({
      callbackState: 'QUEUED',
      kind: 'IMMEDIATE',
      serviceName: 'demo',
      canCancel: true,
      canReschedule: false,
    });
    const [booked] = items(await user('GET', `/callbacks/${id}/history`));
    expect(booked).toMatchObject({
      ...{ type: 'CallbackBooked', reason: 'called the shop', position: expect.stringMatching(/^\d+$/), at: '2026-03-02T10:00:00.000Z' },
      actor: { kind: 'user', id: 'administrator', name: 'administrator' },
      correlationId: answer.headers.get('x-correlation-id'),
      data: { phoneNumber: '+15105550100', userData: { a: 1 } },
    });
  });

  it('needs a free place at the desired time, asked or not', async () => {
    await user('PUT', '/queue-settings/tight', { slotCapacity: 1 });
    const wish = { ...good, serviceName: 'tight', desiredTime: '2026-03-03T10:00:00Z' };
    expect((await user('POST', '/callbacks', wish)).status).toBe(201);
    const refused = await user('POST', '/callbacks', wish);
    expect(failureOf(refused)).toMatchObject({ status: 429, code: 4004 });
    expect(at(refused.body, 'proposed', 0, 'utcTime')).toBe('2026-03-03T10:15:00.000Z');
  });

  it('finds the first booking again under the same Idempotency-Key', async () => {
    const first = await user('POST', '/callbacks', good, { 'idempotency-key': 'once' });
    const again = await user('POST', '/callbacks', good, { 'idempotency-key': 'once' });
    expect(at(again.body, 'id')).toBe(at(first.body, 'id'));
    expect(failureOf(await user('POST', '/callbacks', { ...good, channel: 'x' }, { 'idempotency-key': 'once' }))).toMatchObject({
      status: 409,
      code: 4003,
    });
  });
});

describe('a callback', () => {
  it('is moved by a client without a look at the capacity, unless it asks, and always with a look for a user', async () => {
    await user('PUT', '/queue-settings/moving', { slotCapacity: 1 });
    const at10 = { desiredTime: '2026-03-03T10:00:00Z' };
    await book({ serviceName: 'moving', ...at10 });
    const { id } = await book({ serviceName: 'moving', desiredTime: '2026-03-03T12:00:00Z' });
    const path = `/api/callbacks/${id}/reschedule`;
    expect(failureOf(await user('POST', `/callbacks/${id}/reschedule`, at10))).toMatchObject({ status: 429, code: 4004 });
    expect(failureOf(await client('POST', path, { ...at10, alwaysCheckCapacity: true }))).toMatchObject({ status: 429, code: 4004 });
    const moved = await client('POST', path, { ...at10, reason: 'traffic' });
    expect([moved.status, at(moved.body, 'desiredTime')]).toEqual([200, '2026-03-03T10:00:00.000Z']);
    expect(moved.headers.get('x-position')).toMatch(/^\d+$/);
    expect((await user('POST', `/callbacks/${id}/reschedule`, { desiredTime: '2026-03-03T12:00:00Z' })).status).toBe(200);
  });

  it('that waits can’t be moved, and one that is over can’t be cancelled: 409', async () => {
    const { id } = await book();
    expect(failureOf(await user('POST', `/callbacks/${id}/reschedule`, { desiredTime: '2026-03-03T10:00:00Z' }))).toMatchObject({
      status: 409,
      code: 4002,
    });
    const cancelled = await user('POST', `/callbacks/${id}/cancel`, { reason: 'a mistake' }, { 'x-reason': 'not this one' });
    expect(cancelled.body).toMatchObject({ callbackState: 'COMPLETED', callbackReason: 'CANCELLED_BY_ADMIN', canCancel: false });
    expect(failureOf(await user('POST', `/callbacks/${id}/cancel`))).toMatchObject({ status: 409, code: 4001 });
    const history = items(await user('GET', `/callbacks/${id}/history`));
    expect(history.map((item) => at(item, 'type'))).toEqual(['CallbackBooked', 'CallbackQueued', 'CallbackCancelled']);
    const recorded: string[] = [];
    for await (const event of api.store.readStream(callbackStream(id))) recorded.push(event.id);
    expect(history.map((item) => at(item, 'id'))).toEqual(recorded);
    expect(history.at(-1)).toMatchObject({ reason: 'a mistake', actor: { kind: 'user' }, data: { reason: 'CANCELLED_BY_ADMIN' } });
  });

  it('cancelled by a client says so', async () => {
    const { id } = await book();
    expect((await client('POST', `/api/callbacks/${id}/cancel`)).body).toMatchObject({ callbackReason: 'CANCELLED_BY_CLIENT' });
  });

  it('is shown with what its history says of it', async () => {
    const { id } = await book({ desiredTime: '2026-03-03T12:00:00Z' });
    await user('POST', `/callbacks/${id}/reschedule`, { desiredTime: '2026-03-03T13:00:00Z', reason: 'later' });
    await client('POST', `/api/callbacks/${id}/cancel`, {});
    const { status, body } = await user('GET', `/callbacks/${id}`);
    expect(status).toBe(200);
    expect(at(body, 'metrics')).toMatchObject({
      createdBy: { kind: 'client', name: 'web site' },
      attempts: [],
      rescheduled: [{ by: { kind: 'user' }, reason: 'later', from: '2026-03-03T12:00:00.000Z', to: '2026-03-03T13:00:00.000Z' }],
      cancelled: { by: { kind: 'client' }, reason: null },
      durations: { waitingOffline: null, connecting: null, handling: null },
    });
  });
});

describe('the list', () => {
  const day = '2026-06-01';
  const from = `${day}T00:00:00Z`;
  const to = '2026-06-02T00:00:00Z';
  const names: Record<string, string> = {};
  let position = '';
  const list = (query: Record<string, string | string[]>) => {
    const pairs = Object.entries(query).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]));
    return user('GET', `/callbacks?${new URLSearchParams(pairs)}`, undefined, { 'x-position': position });
  };
  /** The ids of a list, by the names they were booked under. */
  const found = async (query: Record<string, string | string[]>) => ids(await list({ from, to, ...query })).map((id) => names[String(id)]);

  beforeAll(async () => {
    await user('PUT', '/queue-settings/100%25', {});
    const rows: [string, object][] = [
      ['a', { desiredTime: `${day}T08:00:00Z`, phoneNumber: '+15105550101' }],
      ['b', { desiredTime: `${day}T09:00:00Z`, phoneNumber: '+442079460123' }],
      ['c', { desiredTime: `${day}T09:00:00Z`, serviceName: '100%' }],
      ['d', { desiredTime: `${day}T23:59:59.999Z`, serviceName: '100%' }],
      ['e', { desiredTime: to }],
    ];
    for (const [name, body] of rows) {
      const booked = await book(body);
      names[booked.id] = name;
      ({ position } = booked);
    }
    const b = Object.keys(names).find((id) => names[id] === 'b');
    position = (await user('POST', `/callbacks/${b}/cancel`)).headers.get('x-position') ?? '';
  });

  it('shows what was just written, once it is told the position, and how far behind it is', async () => {
    const booked = await book({ desiredTime: '2026-07-01T10:00:00Z' });
    const answer = await user('GET', '/callbacks?from=2026-07-01T00:00:00Z', undefined, { 'x-position': booked.position });
    expect(ids(answer)).toEqual([booked.id]);
    expect(answer.headers.get('x-lag-ms')).toMatch(/^\d+$/);
  });

  it('shows the same as a single callback does', async () => {
    const [first] = items(await list({ from, to }));
    const { body } = await user('GET', `/callbacks/${textAt(first, 'id')}`);
    expect(body).toMatchObject(first as object);
    expect(first).toEqual({
      ...{
        id: textAt(first, 'id'),
        desiredTime: `${day}T08:00:00.000Z`,
        callbackState: 'SCHEDULED',
        phoneNumber: '+15105550101',
        kind: 'SCHEDULED',
      },
      ...{ direction: 'USERTERMINATED', serviceName: 'demo', late: false, canCancel: true, canReschedule: true, canRecreate: false },
      ...{ createdAt: '2026-03-02T10:00:00.000Z', updatedAt: '2026-03-02T10:00:00.000Z' },
    });
  });

  it('is of desired times from the first instant to before the last', async () => {
    expect((await found({})).sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(await found({ from: `${day}T09:00:00.001Z` })).toEqual(['d']);
    expect(await found({ from: '2026-06-01T11:00:00', to: '2026-06-02T01:59:59.999', timezone: 'Europe/Paris' })).toHaveLength(2);
  });

  it('filters by states, services, and part of a column', async () => {
    expect(await found({ state: 'COMPLETED' })).toEqual(['b']);
    expect((await found({ state: ['COMPLETED', 'SCHEDULED'] })).sort()).toEqual(['a', 'b', 'c', 'd']);
    expect((await found({ queue: '100%' })).sort()).toEqual(['c', 'd']);
    expect((await found({ queue: ['100%', 'demo'], state: 'SCHEDULED' })).sort()).toEqual(['a', 'c', 'd']);
    expect(await found({ queue: 'unknown' })).toEqual([]);
    expect(await found({ column: 'phoneNumber', contains: '2079' })).toEqual(['b']);
    expect(await found({ column: 'callbackState', contains: 'completed (cancelled_by_admin)' })).toEqual(['b']);
  });

  it('takes the signs of patterns as they stand', async () => {
    expect((await found({ column: 'serviceName', contains: '%' })).sort()).toEqual(['c', 'd']);
    expect(await found({ column: 'serviceName', contains: '_' })).toEqual([]);
    expect(await found({ column: 'serviceName', contains: '\\' })).toEqual([]);
    expect(await found({ column: 'serviceName', contains: "'; drop table callback_list; --" })).toEqual([]);
  });

  const sorts = ['desiredTime', 'createdAt', 'updatedAt', 'callbackState', 'phoneNumber', 'serviceName', 'kind', 'id'];
  it.each(sorts)('sorted by %s and turned round, gives the same rows page by page as at once', async (field) => {
    for (const sort of [field, `-${field}`]) {
      const whole = await found({ sort });
      expect(whole).toHaveLength(4);
      const pages: unknown[] = [];
      for (let cursor: unknown = '', n = 0; cursor !== null; n++) {
        expect(n).toBeLessThan(5);
        const answer = await list({ from, to, sort, limit: '1', ...(cursor === '' ? {} : { cursor: String(cursor) }) });
        expect(at(answer.body, 'total')).toBe(4);
        expect(items(answer)).toHaveLength(1);
        pages.push(...ids(answer).map((id) => names[String(id)]));
        cursor = at(answer.body, 'next');
      }
      expect(pages).toEqual(whole);
    }
    expect(await found({ sort: `-${field}` })).toEqual((await found({ sort: field })).reverse());
  });

  it('sorts by desired time when not told otherwise', async () => {
    expect((await found({})).join('')).toMatch(/^a(bc|cb)d$/);
    expect((await found({ sort: '-desiredTime' }))[0]).toBe('d');
  });

  it('is today’s when it isn’t told a period, in the zone that it is told', async () => {
    const today = await book({ desiredTime: '2026-03-02T23:30:00Z' });
    const tomorrow = await book({ desiredTime: '2026-03-03T00:30:00Z' });
    position = tomorrow.position;
    const shows = async (query: Record<string, string>) => {
      const all = ids(await list(query));
      return [all.includes(today.id), all.includes(tomorrow.id)];
    };
    expect(await shows({})).toEqual([true, false]);
    expect(await shows({ range: 'today' })).toEqual([true, false]);
    expect(await shows({ timezone: 'America/New_York' })).toEqual([true, true]);
    expect(await shows({ timezone: 'Asia/Tokyo' })).toEqual([false, false]);
    expect(await shows({ range: 'next-24-hours' })).toEqual([true, true]);
    expect(await shows({ range: 'last-7-days' })).toEqual([false, false]);
  });

  it('marks a callback late once its window is over', async () => {
    const { id, position: booked } = await book({ desiredTime: '2026-03-02T11:00:00Z' });
    position = booked;
    const late = async () => at(items(await list({ range: 'today', column: 'id', contains: id }))[0], 'late');
    expect(await late()).toBe(false);
    await api.clock.advanceTo(Date.parse('2026-03-02T11:02:00.000Z'));
    expect(await late()).toBe(false);
    await api.clock.advanceTo(Date.parse('2026-03-02T11:02:00.001Z'));
    expect(await late()).toBe(true);
  });
});
