import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ask } from '../support/ask.ts';
import { startApi, type TestApi } from '../support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const POLICY = "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'";
const addresses: [method: string, path: string, status: number][] = [
  ['GET', '/health/live', 200],
  ['GET', '/metrics', 200],
  ['GET', '/docs/openapi.json', 200],
  ['GET', '/api/session', 200],
  ['GET', '/api/callbacks', 401],
  ['GET', '/nowhere', 404],
  ['DELETE', '/health/live', 405],
  ['POST', '/api/session', 400],
  ['GET', '/%', 400],
];

describe('every answer', () => {
  it.each(addresses)('to %s %s, which is %i, lets a browser run, frame and guess nothing', async (method, path, status) => {
    const answer = await ask(api.url, method, path, {}, method === 'POST' ? {} : undefined);
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    expect(answer.headers.get('x-powered-by')).toBeNull();
  });

  it('even to what isn’t HTTP says how it is to be taken', async () => {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write('nonsense\r\n\r\n');
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer.toLowerCase()).toContain(`content-security-policy: ${POLICY}`);
    expect(answer.toLowerCase()).toContain('x-content-type-options: nosniff');
  });

  it('keeps browsers to https where they come by https, and only there', async () => {
    expect((await ask(api.url, 'GET', '/health/live')).headers.get('strict-transport-security')).toBeNull();
    const other = await startApi(undefined, { PUBLIC_URL: 'https://callbacks.example' });
    onTestFinished(other.close);
    for (const path of ['/health/live', '/api/callbacks', '/docs/']) {
      expect((await ask(other.url, 'GET', path)).headers.get('strict-transport-security')).toBe('max-age=31536000');
    }
  });

  it('of the page at /docs has a policy by which it works over plain http', async () => {
    const { headers } = await ask(api.url, 'GET', '/docs/');
    expect(headers.get('content-security-policy')).toMatch(/script-src 'self'/);
    expect(headers.get('content-security-policy')).not.toMatch(/upgrade-insecure-requests|'none'(?!;?$).*default-src/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });
});
