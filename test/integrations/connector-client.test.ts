import { once } from 'node:events';
import { createServer, type Server as HttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { expect, it, onTestFinished } from 'vitest';
import { iso, startClock } from '../../src/clock.ts';
import { connectorBreaker } from '../../src/integrations/connector/breaker.ts';
import { connectorClient } from '../../src/integrations/connector/client.ts';
import { webhookSignature } from '../../src/integrations/connector/signature.ts';
import { deferred } from '../support/deferred.ts';
import { manualClock } from '../support/manual-clock.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const start = Date.parse('1999-03-01T08:00:00Z');
const placement = {
  attemptId: 'cb-1.1',
  placeBy: '1999-03-01T08:00:10.000Z',
  callbackId: 'cb-1',
  queue: 'demo',
  phoneNumber: '+12125550142',
  displayName: null,
  displayNumber: null,
  routePoint: null,
  region: null,
  userData: { topic: 'tea' },
};

const listening = async <S extends Server | HttpServer>(server: S): Promise<string> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/calls`;
};
const bodyOf = async (request: IncomingMessage) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
};
const clientOf = (url: string, clock = manualClock(start), breaker = connectorBreaker()) => {
  const client = connectorClient({ url, secret, clock, timeoutMs: 5_000, breaker });
  onTestFinished(client.close);
  return { ...client, clock };
};
const answering = async (listener: RequestListener) => clientOf(await listening(createServer(listener)));
const rawServer = (onSocket: (socket: Socket) => void) => {
  const sockets = new Set<Socket>();
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return listening(
    createTcpServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => sockets.delete(socket));
      onSocket(socket);
    }),
  );
};

it('sends the message as JSON under a signature that any Standard Webhooks library verifies', async () => {
  const verified: unknown[] = [];
  const url = await listening(
    createServer(async (request, response) => {
      const body = await bodyOf(request);
      const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = request.headers;
      verified.push(
        new Webhook(secret).verify(body, {
          'webhook-id': `${id}`,
          'webhook-timestamp': `${timestamp}`,
          'webhook-signature': `${signature}`,
        }),
      );
      response.end();
    }),
  );
  const clock = startClock(); // the library verifies against the machine's
  const client = connectorClient({ url, secret, clock, timeoutMs: 5_000 });
  onTestFinished(client.close);
  const soon = { ...placement, placeBy: iso(clock.now() + 10_000) };
  expect(await client.place(soon)).toEqual({ kind: 'accepted' });
  expect(await client.withdraw({ attemptId: 'cb-1.1' })).toEqual({ kind: 'accepted' });
  expect(verified).toEqual([
    { type: 'attempt.place', ...soon },
    { type: 'attempt.withdraw', attemptId: 'cb-1.1' },
  ]);
});

it('signs with the injected clock’s time, which is what a verifier holds it against', async () => {
  const seen: { headers: IncomingMessage['headers']; body: string }[] = [];
  const client = await answering(async (request, response) => {
    seen.push({ headers: request.headers, body: await bodyOf(request) });
    response.end();
  });
  await client.place(placement);
  const { headers, body } = seen[0] ?? { headers: {}, body: '' };
  const { verify } = webhookSignature(secret);
  expect(headers['webhook-timestamp']).toBe(String(start / 1000));
  expect(verify(headers, body, start + 300_000)).toBe(true);
  expect(verify(headers, body, start + 302_000)).toBe(false);
  expect(verify(headers, body, start - 302_000)).toBe(false);
  expect(verify(headers, `${body} `, start)).toBe(false);
  expect(verify({ ...headers, 'webhook-id': 'msg_other' }, body, start)).toBe(false);
  expect(webhookSignature(`whsec_${Buffer.alloc(32, 8).toString('base64')}`).verify(headers, body, start)).toBe(false);
});

it('gives a repeat the same webhook id, and another message another', async () => {
  const ids: unknown[] = [];
  const client = await answering((request, response) => {
    ids.push(request.headers['webhook-id']);
    response.end();
  });
  await client.place(placement);
  await client.clock.advanceBy(9_000);
  await client.place(placement);
  await client.place({ ...placement, attemptId: 'cb-1.2' });
  await client.withdraw({ attemptId: 'cb-1.1' });
  expect(ids[1]).toBe(ids[0]);
  expect(new Set(ids).size).toBe(3);
  for (const id of ids) expect(id).not.toContain('.');
});

it('tells a refusal with its code', async () => {
  const client = await answering((_, response) => response.writeHead(409).end('{"reason":"PLACE_BY_PASSED"}'));
  expect(await client.place(placement)).toEqual({ kind: 'refused', status: 409, reason: 'PLACE_BY_PASSED' });
});

it.each([
  'calling +12125550142 is forbidden',
  '{"reason":"no +12125550142"}',
  `{"reason":"${'A'.repeat(5_000)}"}`,
  '{"reason":5}',
  'null',
  '',
])('keeps nothing of a refusal that isn’t a code: %#', async (text) => {
  const client = await answering((_, response) => response.writeHead(422).end(text));
  expect(await client.place(placement)).toEqual({ kind: 'refused', status: 422, reason: 'HTTP_422' });
});

it('says unreachable when nobody listens, or the name doesn’t resolve', async () => {
  const url = await listening(createServer());
  const closed = createServer();
  const gone = await listening(closed);
  closed.close();
  expect(await clientOf(gone).place(placement)).toEqual({ kind: 'unreachable', cause: 'ECONNREFUSED' });
  expect(await clientOf('http://nowhere.invalid/').place(placement)).toMatchObject({ kind: 'unreachable' });
  expect(await clientOf(url.replace('http:', 'https:')).place(placement)).toMatchObject({ kind: 'unreachable' });
});

it('says unreachable when given up before anything was sent', async () => {
  const client = await answering((_, response) => response.end());
  expect(await client.place(placement, AbortSignal.abort())).toEqual({ kind: 'unreachable', cause: 'ABORTED' });
});

it('says unknown when the answer doesn’t come in time, by the injected clock', async () => {
  const arrived = deferred();
  const client = await answering(() => arrived.resolve());
  const result = client.place(placement);
  await arrived.promise;
  await client.clock.advanceBy(5_000);
  expect(await result).toEqual({ kind: 'unknown', cause: 'TIMEOUT' });
});

it('says unknown when the answer begins and doesn’t end in time', async () => {
  const arrived = deferred();
  const client = await answering((_, response) => {
    response.writeHead(200).write('so far');
    arrived.resolve();
  });
  const result = client.place(placement);
  await arrived.promise;
  await client.clock.advanceBy(5_000);
  expect(await result).toEqual({ kind: 'unknown', cause: 'TIMEOUT' });
});

it('says unknown when given up while the answer is awaited', async () => {
  const arrived = deferred();
  const client = await answering(() => arrived.resolve());
  const abort = new AbortController();
  const result = client.place(placement, abort.signal);
  await arrived.promise;
  abort.abort();
  expect(await result).toEqual({ kind: 'unknown', cause: 'ABORTED' });
});

it.each([500, 502, 503, 301, 304])('says unknown for status %i', async (status) => {
  const client = await answering((_, response) => response.writeHead(status, { location: '/elsewhere' }).end());
  expect(await client.place(placement)).toEqual({ kind: 'unknown', cause: `HTTP_${status}` });
});

it('says unknown when the connection is reset after the message was sent', async () => {
  const url = await rawServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
  expect(await clientOf(url).place(placement)).toEqual({ kind: 'unknown', cause: 'ECONNRESET' });
});

it('says unknown when the connection ends in the middle of the answer', async () => {
  const url = await rawServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')));
  expect(await clientOf(url).place(placement)).toMatchObject({ kind: 'unknown' });
});

it('says unknown for an answer that isn’t HTTP', async () => {
  const url = await rawServer((socket) => socket.once('data', () => socket.end('what?\r\n\r\n')));
  expect(await clientOf(url).place(placement)).toMatchObject({ kind: 'unknown' });
});

it('says unknown for an answer over 64 KiB, without reading on', async () => {
  let written = 0;
  const client = await answering((_, response) => {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(16_384))) written += 16_384;
      response.once('drain', more);
    };
    more();
  });
  expect(await client.place(placement)).toEqual({ kind: 'unknown', cause: 'ANSWER_TOO_LARGE' });
  expect(written).toBeLessThan(50_000_000);
});

it('keeps one connection for many messages', async () => {
  const sockets = new Set<unknown>();
  const client = await answering((request, response) => {
    sockets.add(request.socket);
    response.end('{}');
  });
  for (let i = 0; i < 5; i++) expect(await client.place(placement)).toEqual({ kind: 'accepted' });
  expect(sockets.size).toBe(1);
});

it('refuses a malformed secret or address at once', () => {
  const clock = manualClock(start);
  expect(() => connectorClient({ url: 'http://127.0.0.1/', secret: 'whsec_', clock, timeoutMs: 1 })).toThrow();
  expect(() => connectorClient({ url: 'nonsense', secret, clock, timeoutMs: 1 })).toThrow();
});

it('sends nothing of what was held up past its placeBy', async () => {
  const seen: unknown[] = [];
  const url = await listening(
    createServer((request, response) => {
      seen.push(request.url);
      response.end();
    }),
  );
  const clock = manualClock(start);
  const isOpen = () => false;
  const client = clientOf(url, clock, { isOpen, through: (send) => clock.advanceBy(10_000).then(send) });
  expect(await client.place(placement)).toEqual({ kind: 'unreachable', cause: 'PLACE_BY_PASSED' });
  expect(seen).toEqual([]);
});

/** A contact center whose answers are switched while it runs, and how many messages it was sent. */
const switched = async (breaker = connectorBreaker()) => {
  const center = { status: 503, sent: 0 };
  const url = await listening(
    createServer((_, response) => {
      center.sent++;
      response.writeHead(center.status).end();
    }),
  );
  return { center, client: clientOf(url, manualClock(start), breaker) };
};
const send = async (client: ReturnType<typeof clientOf>, times: number) => {
  for (let i = 0; i < times; i++) await client.withdraw({ attemptId: `cb-1.${i}` });
};

it('sends nothing to a contact center that failed five times in a row, and says that it is down', async () => {
  const { center, client } = await switched();
  await send(client, 5);
  expect(client.isDown()).toBe(true);
  expect(await client.place(placement)).toEqual({ kind: 'unreachable', cause: 'CIRCUIT_OPEN' });
  expect(center.sent).toBe(5);
});

it('doesn’t take refusals, and failures with answers between them, for a contact center that is down', async () => {
  const { center, client } = await switched();
  for (const status of [503, 503, 503, 503, 409, 503, 503, 503, 503, 200, 404, 404, 404, 404, 404, 404]) {
    center.status = status;
    await send(client, 1);
  }
  expect(client.isDown()).toBe(false);
  expect(center.sent).toBe(16);
});

it('tries one message after a pause, and goes on when that is taken', async () => {
  const { center, client } = await switched(connectorBreaker({ firstPauseMs: 1 }));
  await send(client, 5);
  center.status = 200;
  await expect.poll(() => client.place(placement)).toEqual({ kind: 'accepted' });
  expect(center.sent).toBe(6);
  expect(client.isDown()).toBe(false);
});
