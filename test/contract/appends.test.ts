import {
  binaryEvent,
  DeadlineExceededError,
  type EventStoreDBClient,
  jsonEvent,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, count, numbered, revisions } from './reading.ts';
import { freshStream, type Opened, targets } from './targets.ts';

const unary = { credentials: { username: 'admin', password: 'changeit' } }; // given with a call, they make the client append one by one

describe.each(targets)('$name', ({ open }) => {
  let opened: Opened;
  let client: EventStoreDBClient;
  beforeAll(async () => {
    opened = await open();
    client = opened.client;
    await client.appendToStream(freshStream(), numbered(0)); // a burst on a cold connection can hang the client
  });
  afterAll(() => opened.close());

  describe.each([
    ['in a batch call', {}],
    ['one by one', unary],
  ] as const)('appending %s', (_, how) => {
    it('adds to the end of the stream and answers its last revision and position', async () => {
      const stream = freshStream();
      const first = await client.appendToStream(stream, count(3), { ...how, expectedRevision: 'no_stream' });
      const second = await client.appendToStream(stream, numbered(3), { ...how, expectedRevision: 2n });
      expect([first.success, first.nextExpectedRevision, second.nextExpectedRevision]).toEqual([true, 2n, 3n]);
      const read = await all(client.readStream(stream));
      expect(read.map(({ event }) => event?.data)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }]);
      expect(read[2]?.event?.position).toEqual(first.position);
      expect(read[3]?.event?.position).toEqual(second.position);
    });

    it('refuses another revision than the last, and says which is', async () => {
      const stream = freshStream();
      await client.appendToStream(stream, count(3), how);
      for (const expectedRevision of ['no_stream', 0n, 7n] as const) {
        const refused = await client.appendToStream(stream, numbered(9), { ...how, expectedRevision }).catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(WrongExpectedVersionError);
        expect(refused).toMatchObject({ streamName: stream, expectedVersion: expectedRevision, actualVersion: 2n });
      }
      expect(await revisions(client, stream)).toEqual([0, 1, 2]);
    });

    it('refuses a stream that must exist and does not', async () => {
      const stream = freshStream();
      for (const expectedRevision of ['stream_exists', 0n] as const) {
        const refused = await client.appendToStream(stream, numbered(0), { ...how, expectedRevision }).catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(WrongExpectedVersionError);
        expect(refused).toMatchObject({ expectedVersion: expectedRevision, actualVersion: 'no_stream' });
      }
    });

    it('takes the same events again for the same append', async () => {
      const stream = freshStream();
      const events = count(3);
      const once = await client.appendToStream(stream, events, { ...how, expectedRevision: 'no_stream' });
      await client.appendToStream(stream, numbered(3), how);
      expect(await client.appendToStream(stream, events, { ...how, expectedRevision: 'no_stream' })).toEqual(once);
      expect(await client.appendToStream(stream, events, { ...how, expectedRevision: 'any' })).toEqual(once);
      expect(await revisions(client, stream)).toEqual([0, 1, 2, 3]);
    });

    it('refuses an append of which only a part was there before', async () => {
      const stream = freshStream();
      const [a, b] = [numbered(0), numbered(1)];
      await client.appendToStream(stream, [a], how);
      const options = { ...how, expectedRevision: 'no_stream' } as const;
      await expect(client.appendToStream(stream, [a, b], options)).rejects.toBeInstanceOf(WrongExpectedVersionError);
      await expect(client.appendToStream(stream, [a, b], how)).rejects.toBeInstanceOf(WrongExpectedVersionError);
      expect(await revisions(client, stream)).toEqual([0]);
    });

    it('knows an event id only in its own stream', async () => {
      const event = numbered(0);
      const [one, other] = [freshStream(), freshStream()];
      await client.appendToStream(one, event, how);
      await client.appendToStream(other, event, how);
      expect(await revisions(client, other)).toEqual([0]);
    });

    it('refuses more than a mebibyte, and writes none of it', async () => {
      const stream = freshStream();
      const large = [numbered(0), jsonEvent({ type: 'Large', data: { text: 'x'.repeat(1_100_000) } })];
      const refused = await client.appendToStream(stream, large, how).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(MaxAppendSizeExceededError);
      expect(refused).toMatchObject({ maxAppendSize: 1_048_576 });
      await client.appendToStream(stream, numbered(0), { ...how, expectedRevision: 'no_stream' });
    });

    it('refuses a tombstoned stream', async () => {
      const stream = freshStream();
      await client.tombstoneStream(stream);
      const refused = await client.appendToStream(stream, numbered(0), how).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(StreamDeletedError);
      expect(refused).toMatchObject({ streamName: stream });
    });

    it('appends nothing to a stream without making it', async () => {
      const stream = freshStream();
      expect((await client.appendToStream(stream, [], how)).success).toBe(true);
      await client.appendToStream(stream, numbered(0), { ...how, expectedRevision: 'no_stream' });
    });

    it('gives up when its deadline has passed', async () => {
      const stream = freshStream();
      await expect(client.appendToStream(stream, count(8000), { ...how, deadline: 1 })).rejects.toBeInstanceOf(DeadlineExceededError);
    });
  });

  it('answers a wrong revision without throwing, when the connection is set so', async () => {
    const lenient = opened.connect('&throwOnAppendFailure=false');
    const stream = freshStream();
    await lenient.appendToStream(stream, numbered(0));
    expect(await lenient.appendToStream(stream, numbered(1), { expectedRevision: 'no_stream' })).toMatchObject({ success: false });
    await lenient.dispose();
  });

  it('puts together an append that came in pieces', async () => {
    const stream = freshStream();
    const appended = await client.appendToStream(stream, count(500), { batchAppendSize: 1024 });
    expect(appended.nextExpectedRevision).toBe(499n);
    expect(await revisions(client, stream)).toEqual(Array.from({ length: 500 }, (_, n) => n));
  });

  it('gives back what it was given: id, type, data and metadata, JSON or bytes', async () => {
    const stream = freshStream();
    const json = jsonEvent({ type: 'Größe', data: { text: '😾 "quoted"\n', nothing: null }, metadata: { by: 'ü' } });
    const bytes = binaryEvent({ type: 'bytes', data: new Uint8Array([0, 1, 255, 128]), metadata: new Uint8Array([7, 0, 255]) });
    await client.appendToStream(stream, [json, bytes]);
    const [first, second] = await all(client.readStream(stream));
    expect(first?.event).toMatchObject({
      id: json.id,
      type: 'Größe',
      data: json.data,
      metadata: { by: 'ü' },
      isJson: true,
      streamId: stream,
    });
    expect(second?.event).toMatchObject({ id: bytes.id, isJson: false });
    expect(Buffer.from(second?.event?.data as Uint8Array)).toEqual(Buffer.from([0, 1, 255, 128])); // bytes, as isJson says
    expect(Buffer.from(second?.event?.metadata as Uint8Array)).toEqual(Buffer.from([7, 0, 255])); // no JSON
    expect(Math.abs((first?.event?.created.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it('takes any stream name', async () => {
    for (const name of [`ü ${freshStream()}`, `${freshStream()}\n%@`, freshStream('x'.repeat(1500))]) {
      await client.appendToStream(name, numbered(0), { expectedRevision: 'no_stream' });
      await client.appendToStream(name, numbered(1), { expectedRevision: 0n });
      expect((await all(client.readStream(name))).map(({ event }) => event?.streamId)).toEqual([name, name]);
    }
  });
});
