import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Answer, ask, at, failureOf } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
}, 60_000);
afterAll(() => api.close());

const admin = () => ({ authorization: `Bearer ${api.adminToken}` });
const call = (method: string, body?: unknown, headers: Record<string, string> = {}, query = ''): Promise<Answer> =>
  ask(api.url, method, `/api/do-not-call${query}`, { ...admin(), ...headers }, body);
const csv = (text: string) => call('PUT', text, { 'content-type': 'text/csv' });
const book = (phoneNumber: string) =>
  ask(api.url, 'POST', '/engagement/v3/callbacks/create', { 'x-api-key': api.apiKey }, { serviceName: 'demo', phoneNumber });
const listed = async (answer: Answer, query = '') => {
  const page = await call('GET', undefined, { 'x-position': answer.headers.get('x-position') ?? '0' }, query);
  return page.body;
};
const [ADA, BEN, EVE] = ['+12125550150', '+12125550151', '+442079460152'];

beforeEach(async () => {
  expect((await call('PUT', [])).status).toBe(200);
});

describe('a number on the do-not-call list', () => {
  it('is refused at booking, however it is written, by clients and users, until it is taken off again', async () => {
    const added = await call('POST', { phoneNumber: '1 (212) 555-0150' });
    expect([added.status, at(added.body, 'phoneNumber')]).toEqual([201, '+121••••••50']);
    expect(failureOf(await book(ADA))).toMatchObject({ status: 400, code: 7037 });
    const asUser = await ask(api.url, 'POST', '/api/callbacks', admin(), { serviceName: 'demo', phoneNumber: ADA });
    expect(failureOf(asUser)).toMatchObject({ status: 400, code: 7037 });
    expect((await book(BEN)).status).toBe(200);
    expect((await call('DELETE', { phoneNumber: ADA })).status).toBe(204);
    expect((await book(ADA)).status).toBe(200);
  });

  it('is added once and removed once', async () => {
    expect((await call('POST', { phoneNumber: ADA })).status).toBe(201);
    const again = await call('POST', { phoneNumber: ADA });
    expect(again.status).toBe(200);
    expect((await call('DELETE', { id: at(again.body, 'id') })).status).toBe(204);
    expect(failureOf(await call('DELETE', { id: at(again.body, 'id') }))).toMatchObject({ status: 404, code: 3070 });
    expect(failureOf(await call('DELETE', { id: 'nothing' }))).toMatchObject({ status: 404, code: 3070 });
  });

  it('is shown masked, page by page, with who added it', async () => {
    await call('POST', { phoneNumber: ADA });
    await call('POST', { phoneNumber: BEN });
    const last = await call('POST', { phoneNumber: EVE });
    const first = await listed(last, '?limit=2');
    expect(first).toMatchObject({ total: 3 });
    const rest = await listed(last, `?limit=2&cursor=${at(first, 'next')}`);
    expect(at(rest, 'next')).toBeNull();
    const shown = [...(at(first, 'items') as { phoneNumber: string; addedBy: string }[]), ...(at(rest, 'items') as [])];
    expect(shown.map(({ phoneNumber }) => phoneNumber).sort()).toEqual(['+121••••••50', '+121••••••51', '+442•••••••52']);
    expect(shown.map(({ addedBy }) => addedBy)).toEqual(['administrator', 'administrator', 'administrator']);
    expect(JSON.stringify(shown)).not.toContain('5550');
  });
});

describe('the whole list', () => {
  it('is counted as of the position that the asker names, also where a node hears of it later than the tables have it', async () => {
    let isHeard = true;
    const other = await startApi(({ doNotCall, liveWaitFor }) => ({
      doNotCall: { ...doNotCall, size: () => (isHeard ? doNotCall.size() : 0) },
      liveWaitFor: (position, timeoutMs) => {
        isHeard = true;
        return liveWaitFor(position, timeoutMs);
      },
    }));
    onTestFinished(other.close);
    const headers = { authorization: `Bearer ${other.adminToken}` };
    const added = await ask(other.url, 'POST', '/api/do-not-call', headers, { phoneNumber: ADA });
    isHeard = false;
    const answer = await ask(other.url, 'GET', '/api/do-not-call', { ...headers, 'x-position': added.headers.get('x-position') ?? '' });
    expect(answer.body).toMatchObject({ total: 1, items: [{}] });
  });

  it('is replaced by a JSON list: what is new comes, what is missing goes', async () => {
    expect((await call('PUT', [ADA, BEN])).body).toEqual({ total: 2, added: 2, removed: 0 });
    const replaced = await call('PUT', [BEN, EVE, '+44 20 7946 0152']);
    expect(replaced.body).toEqual({ total: 2, added: 1, removed: 1 });
    expect(await listed(replaced)).toMatchObject({ total: 2 });
    expect((await book(ADA)).status).toBe(200);
    expect(failureOf(await book(BEN))).toMatchObject({ code: 7037 });
  });

  it('is replaced by a CSV file, with a header or without, the number in its first column', async () => {
    expect((await csv(`\uFEFFPhone Number,note\r\n${ADA},"asked, twice"\r\n\r\n${BEN}\r\n`)).body).toEqual({
      total: 2,
      added: 2,
      removed: 0,
    });
    expect((await csv(`${BEN}\n`)).body).toEqual({ total: 1, added: 0, removed: 1 });
  });

  it('is emptied by a file that has its first line or by an empty list, never by a file that has nothing in it', async () => {
    for (const nothing of ['', '\uFEFF', '\r\n\n']) {
      await call('PUT', [ADA]);
      expect(failureOf(await csv(nothing))).toMatchObject({ status: 400, code: 1001, errors: [{ line: 1 }] });
      expect(failureOf(await book(ADA))).toMatchObject({ code: 7037 });
    }
    expect((await csv('phoneNumber\n')).body).toEqual({ total: 0, added: 0, removed: 1 });
  });

  it('stays as it is when one number of it can not be read, which is named by its place', async () => {
    await call('PUT', [ADA]);
    const failure = failureOf(await call('PUT', [BEN, 'nonsense']));
    expect(failure).toMatchObject({ status: 400, code: 1001, errors: [{ path: '[1]' }] });
    expect(at((await csv(`phoneNumber\n${BEN}\n+1212\n`)).body, 'status', 'errors', '0')).toMatchObject({ line: 3 });
    expect((await book(BEN)).status).toBe(200);
    expect(failureOf(await book(ADA))).toMatchObject({ code: 7037 });
  });

  it('is replaced only as it was read where the asker says so, and the same list has the same etag', async () => {
    const read = async () => {
      const { headers, body } = await call('GET');
      expect(headers.get('etag')).toBe(at(body, 'etag'));
      return String(headers.get('etag'));
    };
    const put = (numbers: readonly string[], headers: Record<string, string>) => call('PUT', numbers, headers);
    const empty = await read();
    const made = await put([ADA], { 'if-none-match': '*' });
    expect([made.status, made.headers.get('etag')]).toEqual([200, await read()]);
    expect(failureOf(await put([BEN], { 'if-none-match': '*' }))).toMatchObject({ status: 412 });
    expect(failureOf(await put([BEN], { 'if-match': empty }))).toMatchObject({ status: 412 });
    expect(failureOf(await book(ADA))).toMatchObject({ code: 7037 });
    const one = await read();
    expect((await put([ADA, BEN], { 'if-match': one })).body).toMatchObject({ added: 1, removed: 0 });
    expect((await put([BEN], { 'if-match': '*' })).body).toMatchObject({ added: 0, removed: 1 });
    expect(await read()).not.toBe(one);
    await put([ADA], {});
    expect(await read()).toBe(one);
  });

  it('is read from JSON or CSV, and whoever sends anything else is told so', async () => {
    const refused = await call('PUT', ADA, { 'content-type': 'text/plain' });
    expect(failureOf(refused)).toMatchObject({ status: 415, code: 1013 });
    expect(at(refused.body, 'status', 'message')).toContain('application/json or text/csv');
    expect(failureOf(await call('POST', ADA, { 'content-type': 'text/csv' }))).toMatchObject({ status: 415, code: 1003 });
  });

  it.each([
    ['an object', { phoneNumbers: [] }],
    ['numbers that are no texts', [12125550150]],
  ])('is not %s', async (_, body) => expect(failureOf(await call('PUT', body))).toMatchObject({ status: 400, code: 1001 }));

  it('is looked at one by one, and no further than to the first 50 that are wrong', async () => {
    const failure = failureOf(await call('PUT', [ADA, ...Array.from({ length: 100_000 }, () => 1)]));
    expect(failure).toMatchObject({ status: 400, code: 1001 });
    expect(failure.errors).toHaveLength(50);
    expect(failure.errors).toContainEqual({ path: '[1]', message: 'must be a string' });
    expect(failureOf(await call('PUT', ['+1212555015'.padEnd(65, '0')]))).toMatchObject({ errors: [{ path: '[0]' }] });
  });

  it('of thousands is put at once, and put again changes nothing', async () => {
    const many = Array.from({ length: 3_000 }, (_, n) => `+1212${5_000_000 + n}`);
    expect((await call('PUT', many)).body).toEqual({ total: 3_000, added: 3_000, removed: 0 });
    expect((await call('PUT', many)).body).toEqual({ total: 3_000, added: 0, removed: 0 });
    expect(failureOf(await book('+12125002999'))).toMatchObject({ code: 7037 });
  }, 60_000);
});
