import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { columns } from '../../src/domain/configuration/columns.ts';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const user = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(api.url, method, `/api/queue-settings${path}`, { authorization: `Bearer ${api.adminToken}`, ...headers }, body);
const codeOf = (answer: Answer) => {
  const { status, code } = failureOf(answer);
  return [status, code];
};

describe('a row of settings', () => {
  it('shows every column in force, and which of them are inherited', async () => {
    const { status, body, headers } = await user('GET', '/demo');
    expect(status).toBe(200);
    expect(headers.get('etag')).toBe(at(body, 'etag'));
    expect(Object.keys(at(body, 'settings') as object).sort()).toEqual(Object.keys(columns).sort());
    expect(body).toMatchObject({ queue: 'demo', updatedBy: 'bootstrap', settings: { businessHours: 'always', slotCapacity: 5 } });
    expect(at(body, 'inherited')).toEqual(expect.arrayContaining(['businessHours', 'slotCapacity']));
  });

  it('is made with 201, edited with 200, and shows who did', async () => {
    const made = await user('PUT', '/new%2Fqueue', { slotCapacity: 3, routePoint: null }, { 'if-none-match': '*', 'x-reason': 'opening' });
    expect(made.status).toBe(201);
    expect(made.headers.get('x-position')).toMatch(/^\d+$/);
    expect(made.body).toMatchObject({ queue: 'new/queue', updatedBy: 'administrator', settings: { slotCapacity: 3 } });
    const edited = await user('PUT', '/new%2Fqueue', { maxDialAttempts: 9 }, { 'if-match': textAt(made.body, 'etag') });
    expect(edited.status).toBe(200);
    expect(edited.body).toMatchObject({ settings: { maxDialAttempts: 9, slotCapacity: 5 } });
    expect(at(edited.body, 'inherited')).toContain('slotCapacity');
    expect(at(edited.body, 'etag')).not.toBe(at(made.body, 'etag'));
    expect((await user('GET', '/new%2Fqueue')).body).toEqual(edited.body);
  });

  it('can be put back as it was read, and nothing is recorded when that changes nothing', async () => {
    const first = await user('PUT', '/again', { slotCapacity: 2 });
    const read = await user('GET', '/again');
    const written = await user('PUT', '/again', at(read.body, 'settings'), { 'if-match': textAt(read.body, 'etag') });
    expect(written.status).toBe(200);
    expect(at(written.body, 'settings')).toEqual(at(first.body, 'settings'));
    const before = await api.store.lastPosition();
    const etag = textAt(written.body, 'etag');
    expect((await user('PUT', '/again', at(read.body, 'settings'), { 'if-match': etag })).headers.get('etag')).toBe(etag);
    expect(await api.store.lastPosition()).toBe(before);
  });

  it('can be booked at once', async () => {
    await user('PUT', '/at%20once', {});
    const booking = { serviceName: 'at once', phoneNumber: '+15105550100' };
    expect((await ask(api.url, 'POST', '/engagement/v3/callbacks/create', { 'x-api-key': api.apiKey }, booking)).status).toBe(200);
  });

  it('warns when no route point is in force', async () => {
    const warned = async (path: string, row: object) => at((await user('PUT', path, row, { 'if-match': '*' })).body, 'warnings');
    await user('PUT', '/warned', {});
    expect(await warned('/warned', {})).toEqual([{ path: 'routePoint', message: expect.any(String) }]);
    expect(await warned('/warned', { routePoint: '8000' })).toEqual([]);
    expect(at((await user('GET', '/default')).body, 'warnings')).toEqual([]);
  });

  it('takes the direction in either spelling, and shows the first', async () => {
    const toCallIn = { callDirection: 'USER_ORIGINATED', pushThresholdMinutes: 5, pushedCallbackExpiryMinutes: 10 };
    const made = await user('PUT', '/calling-in', toCallIn);
    expect([made.status, at(made.body, 'settings', 'callDirection')]).toEqual([201, 'USERORIGINATED']);
    const withoutPush = await user('PUT', '/calling-in', { callDirection: 'USER_ORIGINATED' }, { 'if-match': '*' });
    expect(failureOf(withoutPush)).toMatchObject({ status: 400, code: 1009 });
  });

  it('names the column that can’t take a value', async () => {
    const answer = await user('PUT', '/sales', { businessHours: 'nights' });
    expect(failureOf(answer)).toMatchObject({ status: 400, code: 1009, errors: [{ path: 'businessHours' }] });
    const withoutHours = await user('PUT', '/default', { callbackApplication: 'x' }, { 'if-match': '*' });
    expect(failureOf(withoutHours)).toMatchObject({ status: 400, code: 1009, errors: [{ path: 'businessHours' }] });
  });
});

describe('a change of a row', () => {
  beforeAll(() => user('PUT', '/guarded', {}));

  it('needs to say which version it changes', async () => expect(codeOf(await user('PUT', '/guarded', {}))).toEqual([428, 4011]));

  it('is refused when the row moved, is there already, or isn’t there', async () => {
    const { body } = await user('GET', '/guarded');
    await user('PUT', '/guarded', { slotCapacity: 9 }, { 'if-match': '*' });
    expect(codeOf(await user('PUT', '/guarded', {}, { 'if-match': textAt(body, 'etag') }))).toEqual([412, 4010]);
    expect(codeOf(await user('PUT', '/guarded', {}, { 'if-none-match': '*' }))).toEqual([412, 4010]);
    expect(codeOf(await user('PUT', '/nowhere', {}, { 'if-match': '*' }))).toEqual([412, 4010]);
    expect(codeOf(await user('GET', '/nowhere'))).toEqual([404, 3003]);
  });
});

describe('deleting a row', () => {
  it('answers 204, and the queue is gone', async () => {
    await user('PUT', '/gone', {});
    expect(codeOf(await user('DELETE', '/gone'))).toEqual([428, 4011]);
    const deleted = await user('DELETE', '/gone', undefined, { 'if-match': '*' });
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect(deleted.headers.get('x-position')).toMatch(/^\d+$/);
    expect(codeOf(await user('GET', '/gone'))).toEqual([404, 3003]);
    expect(codeOf(await user('DELETE', '/gone', undefined, { 'if-match': '*' }))).toEqual([404, 3003]);
  });

  it('is refused while callbacks are open, saying how many, and for the default row', async () => {
    await user('PUT', '/busy', {});
    const booking = { serviceName: 'busy', phoneNumber: '+15105550100' };
    await ask(api.url, 'POST', '/engagement/v3/callbacks/create', { 'x-api-key': api.apiKey }, booking);
    const refused = await user('DELETE', '/busy', undefined, { 'if-match': '*' });
    expect(codeOf(refused)).toEqual([409, 4013]);
    expect(textAt(refused.body, 'status', 'message')).toContain('1 open callbacks');
    expect(codeOf(await user('DELETE', '/default', undefined, { 'if-match': '*' }))).toEqual([409, 4012]);
    expect(codeOf(await user('DELETE', '/busy?retire=maybe', undefined, { 'if-match': '*' }))).toEqual([400, 1001]);
  });
});

it('the table lists every row, the default one too, in order', async () => {
  const { body } = await user('GET', '');
  const rows = at(body, 'items');
  const queues = Array.isArray(rows) ? rows.map((row) => textAt(row, 'queue')) : [];
  expect(queues).toEqual([...queues].sort());
  expect(queues).toEqual(expect.arrayContaining(['default', 'demo']));
  expect([at(body, 'total'), at(body, 'next')]).toEqual([queues.length, null]);
});
