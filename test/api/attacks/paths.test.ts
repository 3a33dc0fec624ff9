import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../support/service.ts';
import { bodyIn, exchange, request, statusesIn } from './support/wire.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** Ways of writing an address so that a guard might read another one than the router does. */
const disguises = (path: string): readonly string[] => {
  const [, first = '', ...rest] = path.split('/');
  const tail = rest.join('/');
  return [
    path,
    `/${path}`,
    `//${path}`,
    `/.${path}`,
    `/..${path}`,
    `/health/..${path}`,
    `/health/live/../..${path}`,
    `/docs/..${path}`,
    `/%2e${path}`,
    `/%2e%2e${path}`,
    `/health/%2e%2e${path}`,
    `/docs/%2e%2e%2f${first}/${tail}`,
    `/docs/static/..%2f..%2f${first}/${tail}`,
    `${path}/`,
    `${path}//`,
    `${path}/.`,
    `${path}%00`,
    `${path}%00.css`,
    `${path}.css`,
    `${path};/health/live`,
    `${path}%3b`,
    `${path}%20`,
    `${path}%09`,
    `${path}%2f`,
    `${path}\\`,
    `\\${path}`,
    `/${first}%2f${tail}`,
    `/${first}%252f${tail}`,
    `/${first}//${tail}`,
    `/${first}/./${tail}`,
    `/${first}/x/../${tail}`,
    `/${first.toUpperCase()}/${tail}`,
    `/%${first.charCodeAt(0).toString(16)}${first.slice(1)}/${tail}`,
    `/${first}/${tail}?permission=anyone`,
    `/${first}/${tail}#/health/live`,
    `http://127.0.0.1${path}`,
    `http://evil.test/health/live${path}`,
  ];
};
const ask = (target: string, method = 'GET', headers: string[] = [], body = '') =>
  exchange(api.url, request(`${method} ${target}`, headers, body));

describe('an address in disguise', () => {
  it.each([
    '/api/callbacks',
    '/api/queue-settings',
    '/api/errors',
    '/api/queue-settings/demo',
    '/engagement/v3/callbacks/create',
    '/contact-center/agents',
  ])('opens nothing without credentials: %s', async (path) => {
    for (const target of disguises(path)) {
      for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS']) {
        const received = await ask(target, method);
        expect([target, method, statusesIn(received).length]).toEqual([target, method, 1]);
        const [status] = statusesIn(received);
        expect([method, target, [400, 401, 404, 405].includes(Number(status)) || (method === 'OPTIONS' && status === 204)]).toEqual([
          method,
          target,
          true,
        ]);
        expect(received).not.toMatch(/"items"|"settings"|"data":/);
      }
    }
  });

  it('opens nothing to a key without the right, either', async () => {
    const statistics = await api.key('statistics only', 'statistics');
    await api.settle();
    for (const target of disguises('/engagement/v3/callbacks/retrieve')) {
      const received = await ask(target, 'POST', [`x-api-key: ${statistics}`, 'content-type: application/json', 'content-length: 2'], '{}');
      expect(statusesIn(received)).not.toContain(200);
    }
  });

  it('reads no file: the pages of the description serve their own and nothing else', async () => {
    const up = ['..', '%2e%2e', '..%2f', '%2e%2e%2f', '..\\', '..%5c', '%252e%252e%252f', '....//', '%c0%ae%c0%ae/', '..%00/'];
    for (const base of ['/docs', '/docs/static']) {
      for (const step of up) {
        for (const file of ['package.json', 'etc/passwd', 'SECURITY.md', '.env']) {
          for (const depth of [1, 3, 8]) {
            const received = await ask(`${base}/${`${step}/`.repeat(depth)}${file}`);
            const [status] = statusesIn(received);
            expect([base, step, file, status !== undefined && status >= 400]).toEqual([base, step, file, true]);
            expect(bodyIn(received)).not.toMatch(/"name": ?"ringback"|root:|swagger-ui"/);
          }
        }
      }
    }
  });
});

describe('parts of an address', () => {
  const token = () => [`authorization: Bearer ${api.adminToken}`];
  it('that are encoded stay parts: a slash in an id leads nowhere else', async () => {
    for (const id of [
      '..%2fqueue-settings',
      '%2e%2e%2fqueue-settings%2fdemo',
      'x%2fhistory',
      '%2fapi%2fqueue-settings',
      '%00',
      '%0a',
      '%e2%80%ae',
      '%ff',
      '%',
    ])
      expect([400, 404]).toContain(statusesIn(await ask(`/api/callbacks/${id}`, 'GET', token()))[0]);
  });

  it('that are as long as a header may be are answered in the error body, and longer ones too', async () => {
    for (const length of [1_999, 2_001, 15_000, 17_000, 100_000]) {
      for (const target of [
        `/api/callbacks/${'x'.repeat(length)}`,
        `/api/callbacks?cursor=${'x'.repeat(length)}`,
        `/${'x/'.repeat(length / 2)}`,
      ]) {
        const received = await ask(target, 'GET', token());
        expect([400, 404, 431]).toContain(statusesIn(received)[0]);
        expect(JSON.parse(bodyIn(received))).toMatchObject({ status: { code: expect.any(Number), corrId: expect.any(String) } });
      }
    }
  });

  it('may be many parameters, of one name or of all: each is refused or read once', async () => {
    const many = Array.from({ length: 1_500 }, (_, n) => `a${n}=1`).join('&');
    const same = Array.from({ length: 1_500 }, () => 'limit=1').join('&');
    const states = Array.from({ length: 1_000 }, () => 'state=QUEUED').join('&');
    for (const query of [many, same, states]) expect(statusesIn(await ask(`/api/callbacks?${query}`, 'GET', token()))).toEqual([400]);
  });
});
