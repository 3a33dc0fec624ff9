import { EventStoreDBClient, jsonEvent, persistentSubscriptionToStreamSettingsFromDefaults } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, count } from '../contract/reading.ts';
import { startServer, type TestServer } from './server.ts';

describe('the port of the event store', () => {
  let server: TestServer;
  let http: string;
  beforeAll(async () => {
    server = await startServer();
    http = `http://127.0.0.1:${server.server.port}`;
  });
  afterAll(() => server.stop());

  it('answers HTTP/1.1 beside gRPC: alive, and which version', async () => {
    expect((await fetch(`${http}/health/live`)).status).toBe(204);
    expect(await (await fetch(`${http}/info`)).json()).toEqual({ esVersion: '23.10.6', state: 'leader' });
    expect((await fetch(`${http}/streams/s`)).status).toBe(404);
    expect((await fetch(`${http}/info`, { method: 'POST' })).status).toBe(405);
  });

  it('is found by gossip', async () => {
    const discovering = EventStoreDBClient.connectionString(`esdb+discover://127.0.0.1:${server.server.port}?tls=false`);
    const { success } = await discovering.appendToStream('found', jsonEvent({ type: 'E', data: {} }));
    expect(success).toBe(true);
    await discovering.dispose();
  });

  it('says of what it does not serve that it is unimplemented', async () => {
    const settings = persistentSubscriptionToStreamSettingsFromDefaults();
    await expect(server.client.createPersistentSubscriptionToStream('s', 'group', settings)).rejects.toMatchObject({ code: 12 });
    await expect(server.client.listProjections()).rejects.toMatchObject({ code: 12 });
  });

  it('gives ids in two halves to the clients that ask for them so', async () => {
    const event = jsonEvent({ type: 'E', data: {} });
    await server.client.appendToStream('halves', event);
    const options = new streams.ReadReq.Options();
    const stream = new streams.ReadReq.Options.StreamOptions();
    const identifier = new shared.StreamIdentifier();
    identifier.setStreamName(Buffer.from('halves').toString('base64'));
    stream.setStreamIdentifier(identifier);
    stream.setStart(new shared.Empty());
    options.setStream(stream);
    options.setCount('1');
    options.setNoFilter(new shared.Empty());
    const ids = new streams.ReadReq.Options.UUIDOption();
    ids.setStructured(new shared.Empty());
    options.setUuidOption(ids);
    const request = new streams.ReadReq();
    request.setOptions(options);
    const client = new Client(`127.0.0.1:${server.server.port}`, credentials.createInsecure());
    const call = client.makeServerStreamRequest(
      '/event_store.client.streams.Streams/Read',
      (r: streams.ReadReq) => Buffer.from(r.serializeBinary()),
      (bytes: Buffer) => streams.ReadResp.deserializeBinary(new Uint8Array(bytes)),
      request,
    );
    const found: (shared.UUID.Structured | undefined)[] = [];
    for await (const answer of call) found.push((answer as streams.ReadResp).getEvent()?.getEvent()?.getId()?.getStructured()); // as deserialized above
    client.close();
    const half = (value: string | undefined) =>
      BigInt.asUintN(64, BigInt(value ?? 0))
        .toString(16)
        .padStart(16, '0');
    const [id] = found;
    expect(`${half(id?.getMostSignificantBits())}${half(id?.getLeastSignificantBits())}`).toBe(event.id.replaceAll('-', ''));
  });

  it('gives large events to readers and subscribers, whole and in order', async () => {
    const large = () => jsonEvent({ type: 'Large', data: { text: 'x'.repeat(1_000_000) } });
    for (let i = 0; i < 40; i++) await server.client.appendToStream('large', large());
    await server.client.appendToStream('large', count(3, 'Last'));
    const read = await all(server.client.readStream('large', { direction: 'backwards', fromRevision: 'end' }));
    expect(read.map(({ event }) => Number(event?.revision))).toEqual(Array.from({ length: 43 }, (_, i) => 42 - i));
    const seen: number[] = [];
    for await (const { event } of server.client.subscribeToAll()) {
      if (event?.streamId === 'large') seen.push(Number(event.revision));
      if (seen.length === 43) break;
    }
    expect(seen).toEqual(Array.from({ length: 43 }, (_, i) => i));
  });
});
