import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, textAt } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

const shop = 'https://shop.example';
const desk = 'https://desk.example:8443';
let api: TestApi;
let shopKey: string;
beforeAll(async () => {
  api = await startApi();
  const create = async (name: string, right: string, origin: string) => {
    const admin = { authorization: `Bearer ${api.adminToken}` };
    return textAt((await ask(api.url, 'POST', '/api/api-keys', admin, { name, rights: [right], origins: [origin] })).body, 'key');
  };
  shopKey = await create('shop', 'callbacks', shop);
  await create('desk', 'callbacks', desk);
  await create('wallboard', 'connector', 'https://wall.example');
});
afterAll(() => api.close());

const path = '/engagement/v3/callbacks/retrieve';
const corsOf = (headers: Headers) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')).map(([name, value]) => [name.slice(15), value]));
const preflight = async (origin: string, at = path) => {
  const asked = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-api-key,content-type' };
  const { status, headers } = await ask(api.url, 'OPTIONS', at, asked);
  expect(headers.get('vary')).toContain('Origin');
  return { status, cors: corsOf(headers) };
};
const retrieve = async (headers: Record<string, string>, body: unknown = { id: 'nothing' }) => {
  const answer = await ask(api.url, 'POST', path, headers, body);
  expect(answer.headers.get('vary')).toContain('Origin');
  return { status: answer.status, cors: corsOf(answer.headers) };
};

describe('a preflight, which carries no key', () => {
  it('is granted to the origins of all keys that are of use there, to each its own', async () => {
    for (const origin of [shop, desk]) {
      const { status, cors } = await preflight(origin);
      expect([status, cors['allow-origin']]).toEqual([204, origin]);
      expect(cors['allow-headers']).toContain('x-api-key');
      expect(cors['allow-methods']).toContain('POST');
      expect(cors).not.toHaveProperty('allow-credentials');
    }
    expect((await preflight(shop, '/api/callbacks/x/cancel')).cors['allow-origin']).toBe(shop);
  });
  it('tells others nothing: another scheme, port or host, a part of one, null, one of keys of no use there', async () => {
    const near = [
      'http://shop.example',
      `${shop}:444`,
      'https://shop.example.evil.example',
      'https://evil-shop.example',
      'https://SHOP.example',
    ];
    for (const origin of [...near, 'null', '*', 'https://sub.shop.example', 'https://wall.example'])
      expect(await preflight(origin), origin).toEqual({ status: 204, cors: {} });
  });
  it('isn’t what a bare OPTIONS is', async () => {
    expect((await ask(api.url, 'OPTIONS', path)).status).toBe(401);
    expect((await ask(api.url, 'OPTIONS', path, { origin: shop })).status).toBe(401);
  });
});

describe('an answer', () => {
  it('may be read by the pages of the key that asked, failures too', async () => {
    const { status, cors } = await retrieve({ 'x-api-key': shopKey, origin: shop });
    expect([status, cors['allow-origin']]).toEqual([404, shop]);
    expect(cors['expose-headers']).toContain('x-correlation-id');
    expect((await retrieve({ 'x-api-key': shopKey, origin: shop }, '{')).cors['allow-origin']).toBe(shop);
  });
  it('may not by the pages of another key, nor without a key, nor with a token', async () => {
    expect((await retrieve({ 'x-api-key': shopKey, origin: desk })).cors).toEqual({});
    expect((await retrieve({ origin: shop })).cors).toEqual({});
    expect((await retrieve({ 'x-api-key': 'unknown', origin: shop })).cors).toEqual({});
    expect((await retrieve({ 'x-api-key': shopKey })).cors).toEqual({});
    const users = await ask(api.url, 'GET', '/api/queue-settings', { authorization: `Bearer ${api.adminToken}`, origin: shop });
    expect([users.status, corsOf(users.headers)]).toEqual([200, {}]);
  });
});

it('an origin is gone with its key', async () => {
  const admin = { authorization: `Bearer ${api.adminToken}` };
  const origin = 'https://short.example';
  const { body } = await ask(api.url, 'POST', '/api/api-keys', admin, { name: 'short', rights: ['callbacks'], origins: [origin] });
  expect((await preflight(origin)).cors['allow-origin']).toBe(origin);
  await ask(api.url, 'DELETE', `/api/api-keys/${textAt(body, 'id')}`, { ...admin, 'if-match': '*' });
  expect((await preflight(origin)).cors).toEqual({});
});
