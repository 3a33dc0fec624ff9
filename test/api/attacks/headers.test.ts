import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callbackStream } from '../../../src/domain/callback/events.ts';
import { ask, at, textAt } from '../support/ask.ts';
import { startApi, type TestApi } from '../support/service.ts';
import { bodyIn, exchange, request, statusesIn } from './support/wire.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const CREATE = 'POST /engagement/v3/callbacks/create';
const body = JSON.stringify({ serviceName: 'demo', phoneNumber: '+15105550100' });
const withBody = (...headers: string[]): string =>
  request(CREATE, [`x-api-key: ${api.apiKey}`, 'content-type: application/json', `content-length: ${body.length}`, ...headers], body);
const lastPosition = () => api.store.lastPosition();

describe('headers', () => {
  it.each([
    ['one of a megabyte', () => [`x-huge: ${'a'.repeat(1_000_000)}`]],
    ['one of 17 KiB', () => [`x-huge: ${'a'.repeat(17 * 1024)}`]],
    ['ten thousand', () => Array.from({ length: 10_000 }, (_, n) => `x-${n}: 1`)],
    ['a name of 20 KiB', () => [`${'x'.repeat(20 * 1024)}: 1`]],
  ])('too large, %s, are 431 and the end of the connection', async (_, headers) => {
    const received = await exchange(api.url, withBody(...headers()));
    expect(statusesIn(received).slice(0, 1)).toEqual(received === '' ? [] : [431]);
    expect((await ask(api.url, 'GET', '/health/live')).status).toBe(200);
  });

  it.each([['\r'], ['\n'], ['\0'], ['\x01'], ['\x7f']])('with %j in a value are no HTTP, and nothing is booked', async (byte) => {
    const before = await lastPosition();
    const received = await exchange(api.url, withBody(`x-reason: because${byte}x-injected: 1`));
    if (byte === '\n') {
      expect([[200], [400]]).toContainEqual(statusesIn(received)); // a line end: two headers, or none
      return;
    }
    expect(statusesIn(received)).toEqual([400]);
    expect(await lastPosition()).toBe(before);
  });

  it('that fold onto a second line are no HTTP', async () => {
    expect(statusesIn(await exchange(api.url, withBody('x-reason: one\r\n two')))).not.toContain(500);
  });
});

describe('what comes back', () => {
  it('has a correlation id of the service’s own, whatever id was sent', async () => {
    for (const name of ['x-correlation-id', 'x-request-id', 'request-id', 'traceparent']) {
      const { headers, body: answer } = await ask(api.url, 'GET', '/api/callbacks/nope', {
        authorization: `Bearer ${api.adminToken}`,
        [name]: 'mine',
      });
      expect(headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(textAt(answer, 'status', 'corrId')).toBe(headers.get('x-correlation-id'));
    }
  });

  it('has no header that the asker chose: not by encoded line ends in paths, parameters, keys or reasons', async () => {
    const evil = '%0d%0ax-injected:%201%0d%0a%0d%0aHTTP/1.1%20200%20OK';
    const token = `authorization: Bearer ${api.adminToken}`;
    const lines: [string, string[]][] = [
      [`GET /${evil}`, []],
      [`GET /api/${evil}`, [token]],
      [`GET /api/callbacks/${evil}`, [token]],
      [`GET /api/callbacks?cursor=${evil}`, [token]],
      [`GET /api/callbacks?${evil}=1`, [token]],
      [`GET /api/queue-settings/${evil}`, [token, `if-match: ${evil}`]],
      [`GET /docs${evil}`, []],
      [`GET /docs/${evil}`, []],
      [`OPTIONS /api/callbacks/${evil}`, [token, `origin: http://${evil}`]],
      [`GET /api/callbacks/x`, [token, `x-position: ${evil}`]],
    ];
    for (const [line, headers] of lines) {
      const received = await exchange(api.url, request(line, headers));
      expect(statusesIn(received)).toHaveLength(1);
      expect(received).not.toMatch(/^x-injected/im);
    }
  });

  it('never shows the host that the asker named: redirects and locations stay here', async () => {
    const lines: [string, string][] = [
      ['GET /docs', ''],
      ['GET /docs/', ''],
      ['GET /api/callbacks/x', ''],
      ['POST /api/callbacks', body],
    ];
    for (const [line, content] of lines) {
      const headers = [
        'x-forwarded-host: evil.test',
        'forwarded: host=evil.test',
        'x-original-url: /evil.test',
        `authorization: Bearer ${api.adminToken}`,
      ];
      const typed = content === '' ? [] : ['content-type: application/json', `content-length: ${content.length}`];
      const received = await exchange(api.url, request(line, [...headers, ...typed], content).replace('ringback.test', 'evil.test'));
      expect(received).not.toContain('evil.test');
      expect(received).not.toMatch(/^location: (https?:)?\/\//im);
    }
  });
});

it('a reason is text and nothing else: what it holds is found again in the history, and in no header', async () => {
  const reason = '=HYPERLINK("http://evil") <script> \u2028 {{7*7}} %0d%0a';
  const bytes = Buffer.from(withBody(`x-reason: ${reason}`), 'utf8');
  const received = await exchange(api.url, bytes);
  expect(statusesIn(received)).toEqual([200]);
  const id = textAt(JSON.parse(bodyIn(received)), 'data', 'id');
  const history = await ask(api.url, 'GET', `/api/callbacks/${id}/history`, { authorization: `Bearer ${api.adminToken}` });
  expect(at(history.body, 'items', 0, 'reason')).toBe(reason);
  expect(history.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(history.headers.get('x-content-type-options')).toBe('nosniff');
  expect(callbackStream(id)).toBe(`callback-${id}`);
});
