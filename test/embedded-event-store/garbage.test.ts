import { jsonEvent } from '@eventstore/db-client';
import { Client, credentials } from '@grpc/grpc-js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all } from '../contract/reading.ts';
import { startServer, type TestServer } from './server.ts';

const service = '/event_store.client.streams.Streams';
const same = (bytes: Buffer): Buffer => bytes;

describe('bytes that are no message', () => {
  let server: TestServer;
  let client: Client;
  beforeAll(async () => {
    server = await startServer();
    client = new Client(`127.0.0.1:${server.server.port}`, credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await server.stop();
  });

  const settle = (start: (done: () => void) => void): Promise<void> => new Promise((resolve) => start(resolve));
  const calls: readonly ((bytes: Buffer, done: () => void) => void)[] = [
    (bytes, done) => client.makeUnaryRequest(`${service}/Delete`, same, same, bytes, done),
    (bytes, done) => client.makeUnaryRequest(`${service}/Tombstone`, same, same, bytes, done),
    (bytes, done) => {
      const call = client.makeClientStreamRequest(`${service}/Append`, same, same, done);
      call.write(bytes);
      call.end();
    },
    (bytes, done) => {
      const call = client.makeBidiStreamRequest(`${service}/BatchAppend`, same, same);
      call.on('data', () => {});
      call.on('error', done).on('end', done);
      call.write(bytes);
      call.end();
    },
    (bytes, done) => {
      const call = client.makeServerStreamRequest(`${service}/Read`, same, same, bytes);
      call.on('data', () => call.cancel());
      call.on('error', done).on('end', done);
    },
  ];

  const endless = Buffer.from([0x32, 0x00]); // a subscription is no garbage, but never ends
  it('are refused, and the server goes on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (garbage) => {
        const bytes = Buffer.from(garbage);
        if (bytes.includes(endless)) return;
        await Promise.all(calls.map((call) => settle((done) => call(bytes, done))));
      }),
      { numRuns: 150 },
    );
    const event = jsonEvent({ type: 'E', data: {} });
    await server.client.appendToStream('after', event);
    expect((await all(server.client.readStream('after'))).map((e) => e.event?.id)).toEqual([event.id]);
  });

  it('in the place of an id are refused, one by one and in a batch', async () => {
    const event = { ...jsonEvent({ type: 'E', data: {} }), id: 'not-a-uuid' };
    await expect(server.client.appendToStream('ids', event)).rejects.toThrow('Bad Request');
    const unary = { credentials: { username: 'any', password: 'any' } };
    await expect(server.client.appendToStream('ids', event, unary)).rejects.toMatchObject({ code: 2 });
  });

  it('in the place of a name are kept as they are', async () => {
    for (const name of ['a\u0000b', '\u0000', '\u0001', 'a\u0000', 'ÿ', '=', '#']) {
      await server.client.appendToStream(name, jsonEvent({ type: 'E', data: {} }), { expectedRevision: 'no_stream' });
      expect((await all(server.client.readStream(name))).map((e) => e.event?.streamId)).toEqual([name]);
    }
    await server.server.scavenge();
  });
});
