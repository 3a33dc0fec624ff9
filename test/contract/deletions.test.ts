import { type EventStoreDBClient, StreamDeletedError, StreamNotFoundError, WrongExpectedVersionError } from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, count, numbered, revisions } from './reading.ts';
import { freshStream, type Opened, targets } from './targets.ts';

describe.each(targets)('$name', ({ open }) => {
  let opened: Opened;
  let client: EventStoreDBClient;
  beforeAll(async () => {
    opened = await open();
    client = opened.client;
  });
  afterAll(() => opened.close());

  const filled = async (events = 4): Promise<string> => {
    const stream = freshStream();
    await client.appendToStream(stream, count(events));
    return stream;
  };

  describe('deleting a stream', () => {
    it('hides what it holds; the next append goes on with its revisions', async () => {
      const stream = await filled();
      const { position } = await client.deleteStream(stream, { expectedRevision: 3n });
      expect(position).toBeDefined();
      await expect(all(client.readStream(stream))).rejects.toBeInstanceOf(StreamNotFoundError);
      expect(await client.appendToStream(stream, numbered(4), { expectedRevision: 'no_stream' })).toMatchObject({
        nextExpectedRevision: 4n,
      });
      expect(await revisions(client, stream)).toEqual([4]);
    });

    it('is refused at a wrong revision', async () => {
      const stream = await filled();
      for (const expectedRevision of ['no_stream', 2n] as const) {
        const refused = await client.deleteStream(stream, { expectedRevision }).catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(WrongExpectedVersionError);
        expect(refused).toMatchObject({ streamName: stream, actualVersion: 3n });
      }
      expect(await revisions(client, stream)).toEqual([0, 1, 2, 3]);
    });

    it('is refused where there is none, unless it has metadata', async () => {
      await expect(client.deleteStream(freshStream())).rejects.toBeInstanceOf(WrongExpectedVersionError);
      const implicit = freshStream();
      await client.setStreamMetadata(implicit, { maxAge: 100 });
      expect((await client.deleteStream(implicit, { expectedRevision: 'no_stream' })).position).toBeDefined();
    });

    it('makes a stream that must exist count as deleted', async () => {
      const stream = await filled();
      await client.deleteStream(stream);
      await expect(client.appendToStream(stream, numbered(0), { expectedRevision: 'stream_exists' })).rejects.toBeInstanceOf(
        StreamDeletedError,
      );
    });

    it('is undone by an append or by new metadata, which both let only what follows be read', async () => {
      const stream = await filled();
      await client.deleteStream(stream);
      await client.appendToStream(stream, count(3));
      const { metadata } = await client.getStreamMetadata(stream);
      expect(metadata).toEqual({ truncateBefore: 4 });
      await client.deleteStream(stream);
      await client.setStreamMetadata(stream, { maxCount: 2 });
      await client.appendToStream(stream, count(3));
      expect(await revisions(client, stream)).toEqual([8, 9]);
    });
  });

  describe('a tombstone', () => {
    it('ends a stream for good', async () => {
      const stream = await filled();
      await client.tombstoneStream(stream, { expectedRevision: 3n });
      await expect(client.tombstoneStream(stream)).rejects.toBeInstanceOf(StreamDeletedError);
      await expect(client.deleteStream(stream)).rejects.toBeInstanceOf(StreamDeletedError);
      await expect(client.setStreamMetadata(stream, { maxCount: 1 })).rejects.toBeInstanceOf(StreamDeletedError);
      const [last] = await all(client.readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 1 }));
      expect(last?.event).toMatchObject({ streamId: stream, type: '$streamDeleted', revision: 9223372036854775807n });
    });

    it('is refused at a wrong revision, but not for a stream that never was', async () => {
      await expect(client.tombstoneStream(await filled(), { expectedRevision: 7n })).rejects.toBeInstanceOf(WrongExpectedVersionError);
      expect((await client.tombstoneStream(freshStream(), { expectedRevision: 'no_stream' })).position).toBeDefined();
    });
  });

  describe('metadata', () => {
    it('is what was set last, at a revision of its own', async () => {
      const stream = freshStream();
      expect(await client.getStreamMetadata(stream)).toEqual({ streamName: stream });
      await client.setStreamMetadata(stream, { maxCount: 5, own: 'kept' });
      await client.setStreamMetadata(stream, { maxCount: 6, own: 'kept' }, { expectedRevision: 0n });
      expect((await client.getStreamMetadata(stream)).metadata).toEqual({ maxCount: 6, own: 'kept' });
      expect(await revisions(client, `$$${stream}`)).toEqual([1]);
      await expect(client.setStreamMetadata(stream, {}, { expectedRevision: 0n })).rejects.toBeInstanceOf(WrongExpectedVersionError);
    });

    it('lets only the newest be read, by count', async () => {
      const stream = await filled();
      await client.setStreamMetadata(stream, { maxCount: 2 });
      expect(await revisions(client, stream)).toEqual([2, 3]);
      expect(await revisions(client, stream, { direction: 'backwards', fromRevision: 'end' })).toEqual([3, 2]);
      await client.appendToStream(stream, numbered(4));
      expect(await revisions(client, stream, { fromRevision: 1n })).toEqual([3, 4]);
    });

    it('hides what lies before a revision', async () => {
      const stream = await filled();
      await client.setStreamMetadata(stream, { truncateBefore: 3 });
      expect(await revisions(client, stream)).toEqual([3]);
      await client.setStreamMetadata(stream, { truncateBefore: 9 });
      expect(await revisions(client, stream)).toEqual([]);
      await client.setStreamMetadata(stream, {});
      expect(await revisions(client, stream)).toEqual([0, 1, 2, 3]);
    });

    it('hides what is older than an age', async () => {
      const stream = await filled();
      await client.setStreamMetadata(stream, { maxAge: 1000 });
      expect(await revisions(client, stream)).toEqual([0, 1, 2, 3]);
      await client.setStreamMetadata(stream, { maxAge: 1 });
      while ((await revisions(client, stream)).length > 0);
      await client.appendToStream(stream, numbered(4), { expectedRevision: 3n });
      expect(await revisions(client, stream)).toEqual([4]);
    });
  });

  it('hides nothing from $all', async () => {
    const stream = await filled();
    await client.setStreamMetadata(stream, { maxCount: 1 });
    await client.deleteStream(stream);
    const read = await all(client.readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 6 }));
    expect(read.filter(({ event }) => event?.streamId === stream)).toHaveLength(4);
  });
});
