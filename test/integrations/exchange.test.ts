import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { httpClient } from '../../src/integrations/http/exchange.ts';
import { manualClock } from '../support/manual-clock.ts';

it('never calls a request unsent that went out on a connection used before', async () => {
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    if (asked === 1) response.end('first');
    else request.socket.resetAndDestroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const client = httpClient({ clock: manualClock(0), maxConnections: 1 });
  onTestFinished(client.close);
  const request = { method: 'POST', url: new URL(`http://127.0.0.1:${address.port}/`), body: '{}', timeoutMs: 1_000 };
  const [first, queued] = await Promise.all([client.send(request), client.send(request)]);
  expect(first).toMatchObject({ kind: 'answered', status: 200, body: 'first' });
  expect(queued).toEqual({ kind: 'lost', cause: 'ECONNRESET' });
});
