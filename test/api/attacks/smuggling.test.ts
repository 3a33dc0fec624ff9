import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { startApi, type TestApi } from '../support/service.ts';
import { exchange, statusesIn, wireTo } from './support/wire.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const PATH = '/engagement/v3/callbacks/create';
const booking = JSON.stringify({ serviceName: 'demo', phoneNumber: '+15105550100' });
const smuggled = () =>
  `POST ${PATH} HTTP/1.1\r\nhost: x\r\nx-api-key: ${api.apiKey}\r\ncontent-type: application/json\r\ncontent-length: ${booking.length}\r\n\r\n${booking}`;
/** A request with these headers about its length, and another one hidden in what one of two readers takes for its body. */
const ambiguous = (headers: readonly string[], body: string): string =>
  [`POST ${PATH} HTTP/1.1`, 'host: x', `x-api-key: ${api.apiKey}`, 'content-type: application/json', ...headers, '', body].join('\r\n');

describe('a request whose length can be read in two ways', () => {
  const cases: [string, readonly string[], string][] = [
    ['both lengths', ['content-length: 5', 'transfer-encoding: chunked'], '0\r\n\r\n'],
    ['both, the other way round', ['transfer-encoding: chunked', 'content-length: 5'], '0\r\n\r\n'],
    ['two lengths that differ', ['content-length: 2', 'content-length: 200'], '{}'],
    ['two lengths in one', ['content-length: 2, 200'], '{}'],
    ['the same length twice', ['content-length: 2', 'content-length: 2'], '{}'],
    ['a length with a sign', ['content-length: +2'], '{}'],
    ['a negative length', ['content-length: -2'], '{}'],
    ['a hexadecimal length', ['content-length: 0x2'], '{}'],
    ['a length beyond all numbers', ['content-length: 184467440737095516170'], '{}'],
    ['no length at all', ['content-length:'], '{}'],
    ['an unknown coding', ['transfer-encoding: xchunked'], '2\r\n{}\r\n0\r\n\r\n'],
    ['chunked that isn’t last', ['transfer-encoding: chunked, identity'], '2\r\n{}\r\n0\r\n\r\n'],
    ['a blank before the colon', ['transfer-encoding : chunked'], '2\r\n{}\r\n0\r\n\r\n'],
    ['a tab before chunked and a length', ['transfer-encoding:\tchunked', 'content-length: 5'], '0\r\n\r\n'],
    ['a quoted coding', ['transfer-encoding: "chunked"'], '2\r\n{}\r\n0\r\n\r\n'],
    ['a vertical tab', ['transfer-encoding: \x0bchunked'], '2\r\n{}\r\n0\r\n\r\n'],
    ['a chunk’s size that is no number', ['transfer-encoding: chunked'], 'zz\r\n{}\r\n0\r\n\r\n'],
    ['a chunk’s size with a sign', ['transfer-encoding: chunked'], '+2\r\n{}\r\n0\r\n\r\n'],
    ['a chunk’s size beyond all numbers', ['transfer-encoding: chunked'], 'fffffffffffffffff2\r\n{}\r\n0\r\n\r\n'],
    ['a chunk longer than its size', ['transfer-encoding: chunked'], '2\r\n{}xx\r\n0\r\n\r\n'],
    ['a chunk ended by a line feed alone', ['transfer-encoding: chunked'], '2\n{}\n0\n\n'],
  ];
  it.each(cases)('%s, is refused, its connection closed, and what is hidden behind it never read', async (_, headers, body) => {
    const before = await api.store.lastPosition();
    const received = await exchange(api.url, ambiguous(headers, body) + smuggled());
    expect(statusesIn(received).every((status) => status === 400)).toBe(true);
    expect(statusesIn(received).length).toBeGreaterThan(0);
    expect(await api.store.lastPosition()).toBe(before);
  });

  it.each([
    ['bare line feeds', 'GET /health/live HTTP/1.1\nhost: x\n\n'],
    ['another version', 'GET /health/live HTTP/9.9\r\nhost: x\r\n\r\n'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a method that is none', 'GETT /health/live HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['no host', 'GET /health/live HTTP/1.1\r\n\r\n'],
    ['a start of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['noise', '\x00\xff\xfe\r\n\r\n\x00'],
  ])('isn’t HTTP/1.1 as it is to be written: %s, is refused', async (_, bytes) => {
    expect(statusesIn(await exchange(api.url, Buffer.from(bytes, 'latin1')))).toEqual([400]);
  });
});

it('bytes after a request that its length doesn’t count are the next request, and stand for themselves: no credentials are carried over', async () => {
  const wire = wireTo(api.url);
  const first = `GET /api/queue-settings HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.adminToken}\r\n\r\n`;
  wire.socket.write(`${first}GET /api/queue-settings HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
  await wire.closed;
  expect(statusesIn(wire.received())).toEqual([200, 401]);
});

describe('a flood of pipelined requests on one connection', () => {
  it('is answered in order, one by one, while others are answered too', async () => {
    const wire = wireTo(api.url);
    const count = 3_000;
    const flood = Array.from(
      { length: count },
      (_, n) => `GET /api/callbacks/${n} HTTP/1.1\r\nhost: x\r\n${n === count - 1 ? 'connection: close\r\n' : ''}\r\n`,
    );
    wire.socket.write(flood.join(''));
    const other = await ask(api.url, 'POST', PATH, { 'x-api-key': api.apiKey }, JSON.parse(booking));
    expect(other.status).toBe(200);
    await wire.closed;
    const statuses = statusesIn(wire.received());
    expect(statuses).toHaveLength(count);
    expect(new Set(statuses)).toEqual(new Set([401]));
  });

  it('by somebody who never reads is no longer read either: what waits for him has a bound', async () => {
    let waiting = 0;
    let requests = 0;
    api.app.server.on('request', (_, response) => {
      requests += 1;
      waiting = Math.max(waiting, response.socket?.writableLength ?? 0);
    });
    const wire = wireTo(api.url);
    wire.socket.pause();
    const some = 'GET /docs/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(500);
    const sent = 40;
    for (let n = 0; n < sent; n += 1) wire.socket.write(some);
    let before = -1;
    await expect
      .poll(
        () => {
          const isStill = requests > 0 && requests === before;
          before = requests;
          return isStill;
        },
        { interval: 200, timeout: 20_000 },
      )
      .toBe(true);
    expect(requests).toBeLessThan(sent * 500);
    expect(waiting).toBeLessThan(50_000_000);
    expect((await ask(api.url, 'GET', '/health/live')).status).toBe(200);
    wire.socket.destroy();
  });
});
