import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectionLimits } from '../../../src/api/server-options.ts';
import { ask } from '../support/ask.ts';
import { startApi, type TestApi } from '../support/service.ts';
import { bodyIn, statusesIn, wireTo } from './support/wire.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi(undefined, {}, { headersMs: 500, requestMs: 1_500, lookMs: 50 });
});
afterAll(() => api.close());

/** Sends its beginning, and then a byte at every turn that the event loop has to spare, until the service has enough. */
const trickle = async (beginning: string, byte: string): Promise<string> => {
  const wire = wireTo(api.url);
  wire.socket.write(beginning);
  let isOver = false;
  const closed = wire.closed.then(() => {
    isOver = true;
  });
  while (!isOver) {
    if (wire.socket.writable) wire.socket.write(byte);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await closed;
  return wire.received();
};
const headOf = (rest: string) => `POST /engagement/v3/callbacks/create HTTP/1.1\r\nhost: x\r\nx-api-key: ${api.apiKey}\r\n${rest}`;

it('headers that never end are cut off with 408, whatever still trickles in', async () => {
  const received = await trickle(headOf('x-slow: '), 'a');
  expect(statusesIn(received)).toEqual([408]);
  expect(bodyIn(received)).toContain('"code":1011');
});

it('a body that never ends is cut off with 408, whatever still trickles in', async () => {
  const received = await trickle(headOf('content-type: application/json\r\ncontent-length: 100000\r\n\r\n{"a":"'), 'a');
  expect(statusesIn(received)).toEqual([408]);
  const chunked = await trickle(headOf('content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n'), '1\r\na\r\n');
  expect(statusesIn(chunked)).toEqual([408]);
});

it('many of them at once keep nobody else from being answered, and are all gone in the end', async () => {
  const slow = Array.from({ length: 100 }, (_, n) => trickle(headOf(n % 2 ? 'x-slow: ' : 'content-length: 9\r\n\r\n'), 'a'));
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      ask(
        api.url,
        'POST',
        '/engagement/v3/callbacks/create',
        { 'x-api-key': api.apiKey },
        { serviceName: 'demo', phoneNumber: `+151055501${10 + n}` },
      ),
    ),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  await Promise.all(slow);
  const left = () => new Promise<number>((resolve) => api.app.server.getConnections((_, count) => resolve(count)));
  await expect.poll(left, { timeout: 10_000 }).toBeLessThanOrEqual(20); // those of the others, kept alive
});

it('the service itself waits seconds for headers and for the rest, not minutes', () => {
  expect(connectionLimits.headersMs).toBeLessThanOrEqual(15_000);
  expect(connectionLimits.requestMs).toBeLessThanOrEqual(30_000);
});
