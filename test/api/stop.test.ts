import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONFIGURATION_STREAM } from '../../src/domain/configuration/events.ts';
import { isStopEvent } from '../../src/domain/configuration/stop-events.ts';
import { isStopped } from '../../src/domain/configuration/stop-state.ts';
import { all } from '../eventstore/door.ts';
import { ask, at, failureOf } from './support/ask.ts';
import { NOW, startApi, type TestApi } from './support/service.ts';

let api: TestApi;
const now = new Date(NOW).toISOString();
const admin = () => ({ authorization: `Bearer ${api.adminToken}` });
const get = (path: string, headers = admin()) => ask(api.url, 'GET', path, headers);
const put = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  ask(api.url, 'PUT', path, { ...admin(), ...headers }, body);
const facts = async () => (await all(api.store.readStream(CONFIGURATION_STREAM))).filter(isStopEvent);

beforeAll(async () => {
  api = await startApi();
  for (const queue of ['north', 'south']) expect((await put(`/api/queue-settings/${queue}`, {})).status).toBe(201);
});
afterAll(() => api.close());

const never = { stopped: false, reason: null, by: null, since: null };

describe('the stop switch', () => {
  it('was never set at first', async () => {
    expect((await get('/api/stop')).body).toEqual({ ...never, etag: '"0"' });
    expect((await get('/api/queues/north/stop')).body).toEqual({
      ...{ queue: 'north', ...never, all: never, dialing: true, etag: '"0"' },
    });
  });

  it('of a queue says who, why and since when, and is in force as it answers', async () => {
    const answer = await put('/api/queues/north/stop', { stopped: true, reason: 'storm' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      ...{ queue: 'north', stopped: true, reason: 'storm', by: 'administrator', since: now, all: never, dialing: false },
    });
    expect(answer.headers.get('etag')).toBe(at(answer.body, 'etag'));
    expect(answer.headers.get('x-position')).toMatch(/^\d+$/);
    expect(isStopped(api.deps.commands.configuration(), 'north')).toBe(true);
    expect((await get('/api/queues/north/stop')).body).toEqual(answer.body);
    expect(at((await get('/api/queues/south/stop')).body, 'dialing')).toBe(true);
    expect((await facts()).at(-1)?.metadata).toMatchObject({ reason: 'storm', actor: { kind: 'user', name: 'administrator' } });
  });

  it('for all shows beside each queue’s own', async () => {
    const why = { 'x-reason': 'a drill' };
    const all = (await put('/api/stop', { stopped: true }, why)).body;
    expect(all).toMatchObject({ stopped: true, reason: 'a drill', by: 'administrator', since: now });
    expect((await get('/api/queues/south/stop')).body).toMatchObject({
      stopped: false,
      all: { stopped: true, reason: 'a drill' },
      dialing: false,
    });
    expect((await put('/api/stop', { stopped: false })).body).toMatchObject({ stopped: false, reason: null, by: 'administrator' });
    expect((await get('/api/queues/south/stop')).body).toMatchObject({ stopped: false, dialing: true });
    expect((await get('/api/queues/north/stop')).body).toMatchObject({ stopped: true, dialing: false });
  });

  it('set again as it stands is no event', async () => {
    const before = await facts();
    for (const stopped of [true, true]) await put('/api/queues/north/stop', { stopped, reason: 'storm' });
    await put('/api/stop', { stopped: false });
    expect(await facts()).toHaveLength(before.length);
  });

  it('lets a queue be booked all the while', async () => {
    const body = { serviceName: 'north', phoneNumber: '+12125550123' };
    expect((await ask(api.url, 'POST', '/engagement/v3/callbacks/create', { 'x-api-key': api.apiKey }, body)).status).toBe(200);
  });

  it('takes the etag that it changes, and doesn’t need it', async () => {
    const stale = await put('/api/queues/north/stop', { stopped: false }, { 'if-match': '"0"' });
    expect(failureOf(stale)).toMatchObject({ status: 412, code: 4010 });
    const etag = String(at((await get('/api/queues/north/stop')).body, 'etag'));
    expect((await put('/api/queues/north/stop', { stopped: false }, { 'if-match': etag })).status).toBe(200);
  });

  it.each([
    [{}, 'stopped'],
    [{ stopped: 'yes' }, 'stopped'],
    [{ stopped: true, reason: 'x'.repeat(201) }, 'reason'],
    [{ stopped: true, reason: 'a\nb' }, 'reason'],
    [{ stopped: true, until: now }, 'until'],
  ])('refuses %j, naming %s', async (body, path) => {
    const before = await facts();
    const answer = failureOf(await put('/api/queues/north/stop', body));
    expect(answer).toMatchObject({ status: 400, code: 1001, errors: [{ path }] });
    expect(await facts()).toHaveLength(before.length);
  });

  it('isn’t there for a queue that isn’t, nor for the default row', async () => {
    for (const queue of ['nowhere', 'default']) {
      expect(failureOf(await get(`/api/queues/${queue}/stop`))).toMatchObject({ status: 404, code: 3003 });
      expect(failureOf(await put(`/api/queues/${queue}/stop`, { stopped: true }))).toMatchObject({ status: 404, code: 3003 });
    }
  });

  it('goes with its queue: another one of its name is dialed', async () => {
    await put('/api/queue-settings/gone', {});
    await put('/api/queues/gone/stop', { stopped: true });
    expect((await ask(api.url, 'DELETE', '/api/queue-settings/gone', { ...admin(), 'if-match': '*' })).status).toBe(204);
    await put('/api/queue-settings/gone', {});
    expect((await get('/api/queues/gone/stop')).body).toMatchObject({ ...never, dialing: true });
  });
});

describe('who reads some queues', () => {
  const limited = async (): Promise<{ authorization: string }> => {
    const group = { roles: ['Supervisor'], members: [], reads: [{ queue: 'south' }] };
    await put('/api/access-groups/Southerners', group, { 'if-none-match': '*' });
    await put('/api/users/sue', { groups: ['Southerners'] });
    const { body } = await ask(api.url, 'POST', '/api/users/sue/tokens', admin(), {});
    return { authorization: `Bearer ${String(at(body, 'token'))}` };
  };
  it('stops those and no other, and sees the switch for all without setting it', async () => {
    const sue = await limited();
    const set = (path: string) => ask(api.url, 'PUT', path, sue, { stopped: true, reason: 'mine' });
    expect((await set('/api/queues/south/stop')).status).toBe(200);
    expect(failureOf(await set('/api/queues/north/stop'))).toMatchObject({ status: 404, code: 3003 });
    expect(failureOf(await get('/api/queues/north/stop', sue))).toMatchObject({ status: 404, code: 3003 });
    expect(failureOf(await set('/api/stop'))).toMatchObject({ status: 403, code: 2003 });
    expect((await get('/api/stop', sue)).status).toBe(200);
    expect(isStopped(api.deps.commands.configuration(), 'north')).toBe(false);
  });
});
