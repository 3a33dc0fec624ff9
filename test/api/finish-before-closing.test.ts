import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { connect } from 'node:net';
import fastify from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { finishBeforeClosing } from '../../src/api/finish-before-closing.ts';
import { deferred } from '../support/deferred.ts';

const LONG_MS = 3_600_000;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** An app with one route, which answers when the test says so; `port` is where it listens. */
const appThatWaits = async (limitMs: number) => {
  const [begun, end] = [deferred(), deferred()];
  const order: string[] = [];
  const app = fastify();
  finishBeforeClosing(app, limitMs);
  app.get('/', async () => {
    begun.resolve();
    await end.promise;
    order.push('the handler is done');
    return 'done';
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  closing.push(end.resolve, () => app.close());
  const close = () => app.close().then(() => void order.push('the app is closed'));
  const address = app.server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { app, port, begun: begun.promise, end: end.resolve, order, close };
};

const ask = (port: number): ClientRequest => {
  const asked = request({ host: '127.0.0.1', port });
  asked.on('error', () => {}); // cut on purpose
  closing.push(() => asked.destroy());
  asked.end();
  return asked;
};

describe('an app that closes', () => {
  it('answers what is under way first', async () => {
    const { port, begun, end, order, close } = await appThatWaits(LONG_MS);
    const answer = once(ask(port), 'response');
    await begun;
    const closed = close();
    end();
    const [response] = await answer;
    await closed;
    expect(response.statusCode).toBe(200);
    expect(order).toEqual(['the handler is done', 'the app is closed']);
  });

  it('waits also for a handler whose asker went away', async () => {
    const { app, port, begun, end, order, close } = await appThatWaits(LONG_MS);
    const asked = ask(port);
    await begun;
    asked.destroy();
    const isGone = once(app.server, 'close');
    const closed = close();
    await isGone;
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual([]);
    end();
    await closed;
    expect(order).toEqual(['the handler is done', 'the app is closed']);
  });

  it('gives up a handler that takes too long, and cuts its asker off', async () => {
    const { port, begun, order, close } = await appThatWaits(20);
    const asked = ask(port);
    const cut = once(asked, 'error');
    await begun;
    await close();
    await cut;
    expect(order).toEqual(['the app is closed']);
  });

  it('isn’t held up by whoever never ends his request', async () => {
    const { app, port, close } = await appThatWaits(20);
    const connected = once(app.server, 'connection');
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    closing.push(() => socket.destroy());
    const [[taken]] = await Promise.all([connected, once(socket, 'connect')]);
    const heard = once(taken, 'data');
    socket.write('POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 100\r\n\r\nhalf');
    await heard;
    await close();
    expect(app.server.listening).toBe(false);
  });

  it('closes when nothing is under way, however long the limit is', async () => {
    const { order, close } = await appThatWaits(LONG_MS);
    await close();
    expect(order).toEqual(['the app is closed']);
  });
});
