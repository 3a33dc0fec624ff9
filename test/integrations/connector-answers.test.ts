import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { connectorBreaker } from '../../src/integrations/connector/breaker.ts';
import { connectorClient } from '../../src/integrations/connector/client.ts';
import { deferred } from '../support/deferred.ts';
import { manualClock } from '../support/manual-clock.ts';

const START = Date.parse('1999-03-01T08:00:00Z');
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const placement = {
  ...{ attemptId: 'cb-1.1', placeBy: '1999-03-01T08:00:10.000Z', callbackId: 'cb-1', queue: 'demo', phoneNumber: '+12125550142' },
  ...{ displayName: null, displayNumber: null, routePoint: null, region: null, userData: {} },
};

const listening = async (server: Server): Promise<number> => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
};
const clientTo = (port: number) => {
  const clock = manualClock(START);
  const client = connectorClient({ url: `http://127.0.0.1:${port}/calls`, secret, clock, timeoutMs: 5_000, breaker: connectorBreaker() });
  onTestFinished(client.close);
  return { ...client, clock };
};
const answering = async (listener: RequestListener) => clientTo(await listening(createServer(listener)));
/** A contact center that says these bytes once it has been asked, and says when. */
const saying = async (bytes: string) => {
  const asked = deferred();
  const port = await listening(
    createTcpServer((socket) =>
      socket.once('data', () => {
        socket.write(bytes);
        asked.resolve();
      }),
    ),
  );
  return { client: clientTo(port), asked: asked.promise };
};

it.each([200, 201, 202, 204, 206, 226])('takes %i for accepted, with or without a body', async (status) => {
  const client = await answering((_, response) => response.writeHead(status).end());
  expect(await client.place(placement)).toEqual({ kind: 'accepted' });
});

it.each([400, 401, 403, 404, 408, 409, 410, 422, 429, 451, 499])('takes %i for a refusal: nothing is dialed for it', async (status) => {
  const client = await answering((_, response) => response.writeHead(status).end('{"reason":"NO_LINE"}'));
  expect(await client.place(placement)).toEqual({ kind: 'refused', status, reason: 'NO_LINE' });
});

it.each([300, 301, 302, 303, 307, 308])('follows no redirect: %i to another address is never asked there', async (status) => {
  const asked: unknown[] = [];
  const elsewhere = await listening(
    createServer((request, response) => {
      asked.push(request.url);
      response.end();
    }),
  );
  const location = `http://127.0.0.1:${elsewhere}/latest/meta-data`;
  const client = await answering((_, response) => response.writeHead(status, { location }).end());
  expect(await client.place(placement)).toEqual({ kind: 'unknown', cause: `HTTP_${status}` });
  expect(await client.withdraw({ attemptId: 'cb-1.1' })).toEqual({ kind: 'unknown', cause: `HTTP_${status}` });
  expect(asked).toEqual([]);
});

it('waits for the answer behind those that only say that it comes', async () => {
  const early = 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n';
  const { client } = await saying(`HTTP/1.1 100 Continue\r\n\r\n${early}HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n`);
  expect(await client.place(placement)).toEqual({ kind: 'accepted' });
});

it('says unknown when nothing but those ever comes', async () => {
  const { client, asked } = await saying('HTTP/1.1 100 Continue\r\n\r\n'.repeat(50));
  const result = client.place(placement);
  await asked;
  await client.clock.advanceBy(5_000);
  expect(await result).toEqual({ kind: 'unknown', cause: 'TIMEOUT' });
});

it('says unknown when the contact center would speak something else', async () => {
  const { client } = await saying('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  expect(await client.place(placement)).toEqual({ kind: 'unknown', cause: 'OTHER_PROTOCOL' });
});

it('gives an answer that comes byte by byte no more time than any other', async () => {
  const { client, asked } = await saying('HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n');
  const dribbling = await answering((_, response) => {
    response.writeHead(200);
    const more = (): void => {
      if (!response.destroyed) response.write('x', () => setImmediate(more));
    };
    more();
  });
  const results = [client.place(placement), dribbling.place(placement)];
  await asked;
  await Promise.all([client, dribbling].map(({ clock }) => clock.advanceBy(4_999)));
  const settled = Promise.race(results);
  expect(await Promise.race([settled, new Promise((resolve) => setImmediate(resolve, 'waits'))])).toBe('waits');
  await Promise.all([client, dribbling].map(({ clock }) => clock.advanceBy(1)));
  for (const result of results) expect(await result).toMatchObject({ kind: 'unknown' });
});

it.each([
  ['headers without end', `HTTP/1.1 200 OK\r\n${'x-more: yes\r\n'.repeat(10_000)}`],
  ['one header without end', `HTTP/1.1 200 OK\r\nx-more: ${'y'.repeat(1_000_000)}`],
  ['a length that is none', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n'],
  ['a length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'],
  ['chunks that are none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
])('says unknown for %s', async (_, bytes) => {
  const { client } = await saying(bytes);
  expect(await client.place(placement)).toMatchObject({ kind: 'unknown' });
});

it('judges an answer by its status, whatever nonsense its body is', async () => {
  for (const body of ['{', '[[[[', '\u0000\u0001', '<html>', 'null', '{"__proto__":{"reason":"A"}}', '{"reason":{"toString":1}}']) {
    const client = await answering((_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(body));
    expect(await client.place(placement)).toEqual({ kind: 'accepted' });
    const refusing = await answering((_, response) => response.writeHead(400).end(body));
    expect(await refusing.place(placement)).toEqual({ kind: 'refused', status: 400, reason: 'HTTP_400' });
  }
});

it.each([200, 409, 500])('says unknown for an answer of 10 MB with status %i', async (status) => {
  const client = await answering((_, response) => response.writeHead(status).end('x'.repeat(10_000_000)));
  expect(await client.place(placement)).toEqual({ kind: 'unknown', cause: 'ANSWER_TOO_LARGE' });
});

it('unpacks nothing: a packed answer is judged by its status', async () => {
  const client = await answering((_, response) => response.writeHead(202, { 'content-encoding': 'gzip' }).end('not gzip'));
  expect(await client.place(placement)).toEqual({ kind: 'accepted' });
});
