import { binaryEvent, type EventStoreDBClient, StreamDeletedError, StreamNotFoundError } from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, count, numbered, revisions } from './reading.ts';
import { freshStream, type Opened, targets } from './targets.ts';

describe.each(targets)('$name', ({ open }) => {
  let opened: Opened;
  let client: EventStoreDBClient;
  const stream = freshStream();
  beforeAll(async () => {
    opened = await open();
    client = opened.client;
    await client.appendToStream(stream, count(10));
  });
  afterAll(() => opened.close());

  describe('reading a stream', () => {
    it.each([
      ['from the start', {}, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
      ['from a revision, with a count', { fromRevision: 3n, maxCount: 4 }, [3, 4, 5, 6]],
      ['from beyond its end', { fromRevision: 10n }, []],
      ['backwards from the end', { direction: 'backwards', fromRevision: 'end', maxCount: 3 }, [9, 8, 7]],
      ['backwards from a revision', { direction: 'backwards', fromRevision: 1n }, [1, 0]],
      ['backwards from beyond its end', { direction: 'backwards', fromRevision: 99n, maxCount: 2 }, [9, 8]],
      ['backwards from the start', { direction: 'backwards', fromRevision: 'start' }, [0]],
    ] as const)('%s', async (_, options, expected) => {
      expect(await revisions(client, stream, options)).toEqual(expected);
    });

    it('that does not exist says so', async () => {
      const missing = freshStream();
      const refused = await all(client.readStream(missing)).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(StreamNotFoundError);
      expect(refused).toMatchObject({ streamName: missing });
    });

    it('that was tombstoned says so', async () => {
      const ended = freshStream();
      await client.appendToStream(ended, numbered(0));
      await client.tombstoneStream(ended);
      const refused = await all(client.readStream(ended)).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(StreamDeletedError);
      expect(refused).toMatchObject({ streamName: ended });
    });

    it('resolves links when asked, and only then', async () => {
      const links = freshStream('links');
      const link = (to: string) => binaryEvent({ type: '$>', data: Buffer.from(to) });
      await client.appendToStream(links, [link(`4@${stream}`), link(`0@${freshStream()}`)]);
      const [plain] = await all(client.readStream(links));
      expect(plain?.event?.type).toBe('$>');
      expect(plain?.link).toBeUndefined();
      const [resolved, dangling] = await all(client.readStream(links, { resolveLinkTos: true }));
      expect(resolved?.event).toMatchObject({ streamId: stream, revision: 4n, data: { n: 4 } });
      expect(resolved?.link).toMatchObject({ streamId: links, revision: 0n, type: '$>' });
      expect(dangling?.event).toBeUndefined();
      expect(dangling?.link).toMatchObject({ streamId: links, revision: 1n });
    });
  });

  describe('reading $all', () => {
    it('gives every event once, in the order of positions, which are those the streams tell', async () => {
      const other = freshStream();
      await client.appendToStream(other, count(3));
      await client.appendToStream(stream, numbered(10));
      const read = await all(client.readAll());
      const positions = read.map(({ event }) => event?.position?.commit ?? 0n);
      expect(positions).toEqual(positions.toSorted((a, b) => (a < b ? -1 : 1)));
      expect(new Set(positions).size).toBe(positions.length);
      const inAll = (name: string) => read.filter(({ event }) => event?.streamId === name).map(({ event }) => event?.position);
      const inStream = async (name: string) => (await all(client.readStream(name))).map(({ event }) => event?.position);
      for (const name of [stream, other]) expect(inAll(name)).toEqual(await inStream(name));
      expect(read.every(({ event, commitPosition }) => event?.position?.commit === commitPosition)).toBe(true);
      expect(read.every(({ event }) => event?.position?.commit === event?.position?.prepare)).toBe(true);
    });

    it('forwards from a position begins with its event; backwards, with the one before', async () => {
      const read = await all(client.readAll());
      const middle = Math.floor(read.length / 2);
      const position = read[middle]?.event?.position;
      if (!position) throw new Error('an event of $all has a position');
      const forwards = await all(client.readAll({ fromPosition: position, maxCount: 2 }));
      const backwards = await all(client.readAll({ fromPosition: position, maxCount: 2, direction: 'backwards' }));
      const ids = (events: typeof read) => events.map(({ event }) => event?.id);
      expect(ids(forwards)).toEqual(ids(read.slice(middle, middle + 2)));
      expect(ids(backwards)).toEqual(ids(read.slice(middle - 2, middle)).reverse());
    });

    it('backwards from the end is the reverse of forwards from the start', async () => {
      const forwards = (await all(client.readAll())).map(({ event }) => event?.id);
      const backwards = (await all(client.readAll({ direction: 'backwards', fromPosition: 'end' }))).map(({ event }) => event?.id);
      expect(backwards).toEqual(forwards.toReversed());
    });

    it('refuses a position inside an event, and has nothing beyond the end', async () => {
      const [last] = await all(client.readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 1 }));
      const at = last?.event?.position?.commit ?? 0n;
      await expect(all(client.readAll({ fromPosition: { commit: at + 1n, prepare: at + 1n } }))).rejects.toMatchObject({ type: 'unknown' });
      const beyond = at + 100_000_000n;
      expect(await all(client.readAll({ fromPosition: { commit: beyond, prepare: beyond } }))).toEqual([]);
    });

    it('from the position that an append answered begins with the last event of it', async () => {
      const events = count(2);
      const { position } = await client.appendToStream(freshStream(), events);
      if (!position) throw new Error('an append answers a position');
      const [first] = await all(client.readAll({ fromPosition: position, maxCount: 1 }));
      expect(first?.event?.id).toBe(events[1]?.id);
    });
  });
});
