import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, at, failureOf } from '../support/ask.ts';
import { startApi, type TestApi } from '../support/service.ts';
import { bodyIn, request, statusesIn, wireTo } from './support/wire.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
  await api.projections.caughtUp();
});
afterAll(() => api.close());

const CREATE = '/engagement/v3/callbacks/create';
const good = { serviceName: 'demo', phoneNumber: '+15105550100' };
const token = () => ({ authorization: `Bearer ${api.adminToken}` });
const unchanged = async (asking: () => Promise<unknown>): Promise<void> => {
  const before = await api.store.lastPosition();
  await asking();
  expect(await api.store.lastPosition()).toBe(before);
};

describe('a compressed body', () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
  it.each([
    ['gzip', bomb],
    ['deflate', deflateSync(Buffer.alloc(50_000_000, ' '))],
    ['br', bomb],
    ['gzip, gzip', gzipSync(bomb)],
    ['gzip', Buffer.from(JSON.stringify(good))],
    ['x-unknown', Buffer.from(JSON.stringify(good))],
  ])('of %s isn’t unpacked: it is refused as it came', async (encoding, body) =>
    unchanged(async () => {
      const headers = { 'x-api-key': api.apiKey, 'content-type': 'application/json', 'content-encoding': encoding };
      const answer = await fetch(new URL(CREATE, api.url), { method: 'POST', headers, body: new Uint8Array(body) });
      expect([answer.status, at(await answer.json(), 'status', 'code')]).toEqual([400, 1012]);
    }),
  );
});

describe('a body that is too large', () => {
  const head = (...headers: string[]) =>
    request(`POST ${CREATE}`, [`x-api-key: ${api.apiKey}`, 'content-type: application/json', ...headers]);

  it('is refused by what it announces, before it is sent', async () => {
    const wire = wireTo(api.url);
    wire.socket.write(head('content-length: 100000000000'));
    await wire.closed;
    expect(statusesIn(wire.received())).toEqual([400]);
    expect(bodyIn(wire.received())).toContain('"code":1004');
  });

  it('and announces nothing is cut off at the limit, however long it goes on', async () => {
    const wire = wireTo(api.url);
    wire.socket.write(head('transfer-encoding: chunked'));
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
    let sent = 0;
    let isOver = false;
    const closed = wire.closed.then(() => {
      isOver = true;
    });
    while (!isOver && sent < 1_000) {
      if (wire.socket.writable) wire.socket.write(chunk);
      sent += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await closed;
    expect(wire.received() === '' || wire.received().includes('"code":1004')).toBe(true);
    expect(wire.socket.bytesWritten).toBeLessThan(1_000 * chunk.length);
  });
});

describe('deep JSON', () => {
  const nested = (open: string, close: string, levels: number) => `{"userData":{"a":${open.repeat(levels)}1${close.repeat(levels)}}}`;
  it.each([
    ['[', ']', 100_000],
    ['{"a":', '}', 40_000],
    ['[[{"b":[', ']}]]', 20_000],
    ['[', '', 200_000],
  ])('of %j is refused at every door, and the process lives', async (open, close, levels) =>
    unchanged(async () => {
      const body = nested(open, close, levels);
      const doors: [string, string, Record<string, string>][] = [
        ['POST', CREATE, { 'x-api-key': api.apiKey }],
        ['POST', '/api/callbacks', token()],
        ['PUT', '/api/queue-settings/demo', token()],
        ['PUT', '/contact-center/agents', { 'x-api-key': api.connectorKey }],
      ];
      for (const [method, path, headers] of doors) {
        const answer = await ask(api.url, method, path, headers, body);
        expect(answer.status).toBe(400);
        expect([1002, 1004, 1006]).toContain(failureOf(answer).code);
      }
      expect((await ask(api.url, 'GET', '/health/live')).status).toBe(200);
    }),
  );
});

describe('keys that reach for a prototype', () => {
  afterEach(() => {
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(Reflect.get([], 'polluted')).toBeUndefined();
  });

  it.each([
    ['{"__proto__":{"polluted":1},"serviceName":"demo","phoneNumber":"+15105550100"}'],
    ['{"constructor":{"prototype":{"polluted":1}},"serviceName":"demo","phoneNumber":"+15105550100"}'],
    ['{"serviceName":"demo","phoneNumber":"+15105550100","userData":{"__proto__":{"polluted":1}}}'],
    ['{"serviceName":"demo","phoneNumber":"+15105550100","userData":{"a":[{"\\u005f_proto__":{"polluted":1}}]}}'],
    ['{"serviceName":"demo","phoneNumber":"+15105550100","userData":{"constructor":{"prototype":{"polluted":1}}}}'],
    ['{"serviceName":"demo","phoneNumber":"+15105550100","pushTargets":[{"channel":"FCM","target":"t","__proto__":{"polluted":1}}]}'],
  ])('are refused in a body: %s', async (body) =>
    unchanged(async () => {
      expect(failureOf(await ask(api.url, 'POST', CREATE, { 'x-api-key': api.apiKey }, body))).toMatchObject({ status: 400, code: 1005 });
      expect(failureOf(await ask(api.url, 'POST', '/api/callbacks', token(), body))).toMatchObject({ status: 400, code: 1005 });
    }),
  );

  it.each([['__proto__'], ['constructor'], ['prototype'], ['toString'], ['hasOwnProperty'], ['valueOf']])(
    'are names like any other where a name is looked up: %s',
    async (name) =>
      unchanged(async () => {
        const asked: [string, string, Record<string, string>, unknown, number][] = [
          ['POST', CREATE, { 'x-api-key': api.apiKey }, { ...good, serviceName: name }, 400],
          ['POST', CREATE, { 'x-api-key': api.apiKey }, { ...good, cbOfferType: name }, 400],
          ['POST', '/engagement/v3/callbacks/retrieve', { 'x-api-key': api.apiKey }, { id: name }, 404],
          ['GET', `/api/callbacks/${name}`, token(), undefined, 404],
          ['GET', `/api/queue-settings/${name}`, token(), undefined, 404],
          ['GET', `/api/errors/${name}`, token(), undefined, 404],
          ['GET', `/api/callbacks?${name}=1`, token(), undefined, 400],
          ['GET', `/api/callbacks?${name}[polluted]=1`, token(), undefined, 400],
          ['GET', `/api/callbacks?sort=${name}`, token(), undefined, 400],
          ['GET', `/api/callbacks?column=${name}&contains=a`, token(), undefined, 400],
          ['GET', `/api/callbacks?timezone=${name}`, token(), undefined, 400],
          ['GET', `/api/callbacks?queue=${name}`, token(), undefined, 200],
          ['POST', `/contact-center/attempts/${name}.1/connected`, { 'x-api-key': api.connectorKey }, { agentId: name }, 404],
          ['GET', '/api/callbacks', { ...token(), [name]: name }, undefined, 200],
          ['GET', '/api/callbacks', { authorization: `Bearer ${name}` }, undefined, 401],
        ];
        for (const [method, path, headers, body, status] of asked) {
          const answer = await ask(api.url, method, path, headers, body);
          expect([path, answer.status]).toEqual([path, status]);
        }
      }),
  );

  it('are kept as data where a name is the asker’s to choose, and do nothing', async () => {
    const skills = { constructor: 3, toString: 1, valueOf: 2 };
    const agents = [{ id: '__proto__', state: 'READY', queues: ['constructor'], skills }];
    const report = { source: 'constructor', sequence: 1, full: true, agents };
    expect((await ask(api.url, 'PUT', '/contact-center/agents', { 'x-api-key': api.connectorKey }, report)).status).toBe(200);
    const userData = { constructor: 'a builder', toString: 'text', hasOwnProperty: 'house' };
    expect((await ask(api.url, 'POST', CREATE, { 'x-api-key': api.apiKey }, { ...good, userData })).status).toBe(200);
  });
});
