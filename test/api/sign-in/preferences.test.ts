import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, failureOf } from '../support/ask.ts';
import { startApi, type TestApi } from '../support/service.ts';
import { putUser } from './support/accounts.ts';
import { browser } from './support/browser.ts';

let api: TestApi;
let monitor: string;
beforeAll(async () => {
  api = await startApi();
  monitor = await api.token('mona', 'Monitor');
  await api.settle();
});
afterAll(() => api.close());

const path = '/api/session/preferences';
const get = (token: string) => ask(api.url, 'GET', path, { authorization: `Bearer ${token}` });
const put = (token: string, body: unknown, headers: Record<string, string> = {}) =>
  ask(api.url, 'PUT', path, { authorization: `Bearer ${token}`, ...headers }, body);

describe('preferences', () => {
  it('are none at first, then what was put, for the same user in every way of signing in, and for nobody else', async () => {
    await putUser(api, 'ann', 'open sesame', 'Managers');
    const own = browser(api.url);
    await own.signIn({ name: 'ann', password: 'open sesame' });
    expect((await own.send('GET', path)).body).toEqual({ etag: '"0"' });
    const choices = { theme: 'dark', columns: ['state', 'id'], range: { name: 'mine', hours: 36.5 }, last: null };
    const answer = await own.send('PUT', path, choices);
    expect([answer.status, answer.headers.get('etag'), answer.body]).toEqual([201, '"1"', { ...choices, etag: '"1"' }]);
    const again = browser(api.url);
    await again.signIn({ name: 'ann', password: 'open sesame' });
    expect((await again.send('GET', path)).body).toEqual({ ...choices, etag: '"1"' });
    expect((await get(monitor)).body).toEqual({ etag: '"0"' });
  });

  it('are replaced as a whole, at the version that was read or at any, and by nobody who names none', async () => {
    expect((await put(api.adminToken, { a: 1 })).status).toBe(201);
    expect(failureOf(await put(api.adminToken, { b: 2 }))).toMatchObject({ status: 428, code: 4011 });
    expect(failureOf(await put(api.adminToken, { b: 2 }, { 'if-none-match': '*' }))).toMatchObject({ status: 412, code: 4010 });
    expect(failureOf(await put(api.adminToken, { b: 2 }, { 'if-match': '"7"' }))).toMatchObject({ status: 412, code: 4010 });
    expect((await put(api.adminToken, { b: 2, etag: '"1"' }, { 'if-match': '"1"' })).body).toEqual({ b: 2, etag: '"2"' });
    expect((await put(api.adminToken, { c: 3 }, { 'if-match': '*' })).body).toEqual({ c: 3, etag: '"3"' });
    expect((await get(api.adminToken)).body).toEqual({ c: 3, etag: '"3"' });
  });

  it('keep both of two changes at once from being taken', async () => {
    const before = (await get(api.adminToken)).headers.get('etag') ?? '';
    const answers = await Promise.all([1, 2, 3].map((n) => put(api.adminToken, { n }, { 'if-match': before })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
  });

  it('are any JSON, also what a database wouldn’t take, but 16 KiB at most', async () => {
    const odd = { text: 'a\u0000b\ud800', deep: [[[{}]]], '': '', constructor: 'x' };
    const { body } = await put(monitor, odd);
    expect(body).toEqual({ ...odd, etag: '"1"' });
    expect((await get(monitor)).body).toEqual(body);
    expect(failureOf(await put(monitor, { text: 'x'.repeat(16_384) }, { 'if-match': '*' }))).toMatchObject({ status: 413, code: 1004 });
    for (const wrong of ['[]', '"text"', 'null', '1']) expect((await put(monitor, wrong, { 'if-match': '*' })).status).toBe(400);
    expect(failureOf(await put(monitor, '{ "__proto__": {} }', { 'if-match': '*' }))).toMatchObject({ status: 400, code: 1005 });
  });

  it('are a user’s with some role: no API key has any, and nobody does', async () => {
    const nobody = await api.token('nobody');
    await api.settle();
    expect((await get(nobody)).status).toBe(403);
    expect((await ask(api.url, 'GET', path, { 'x-api-key': api.apiKey })).status).toBe(403);
    expect((await ask(api.url, 'PUT', path, {}, {})).status).toBe(401);
  });
});
