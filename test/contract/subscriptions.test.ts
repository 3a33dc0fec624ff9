import { EventEmitter, once } from 'node:events';
import {
  type EventStoreDBClient,
  eventTypeFilter,
  excludeSystemEvents,
  type Position,
  type ResolvedEvent,
  StreamDeletedError,
  streamNameFilter,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { count, numbered, said, take } from './reading.ts';
import { freshStream, type Opened, targets } from './targets.ts';

const data = (events: readonly ResolvedEvent[]) => events.map(({ event }) => (event?.data as { n: number } | undefined)?.n); // as numbered() makes them
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe.each(targets)('$name', ({ open }) => {
  let opened: Opened;
  let client: EventStoreDBClient;
  beforeAll(async () => {
    opened = await open();
    client = opened.client;
    await client.appendToStream(freshStream(), numbered(0));
  });
  afterAll(() => opened.close());

  describe('a subscription to a stream', () => {
    it('brings what is there, says so, and goes on live', async () => {
      const stream = freshStream();
      await client.appendToStream(stream, count(600));
      const subscription = client.subscribeToStream(stream);
      const caughtUp = said(subscription, 'caughtUp').then(() => client.appendToStream(stream, [numbered(600), numbered(601)]));
      expect(data(await take(subscription, 602))).toEqual(range(0, 602));
      await caughtUp;
    });

    it('begins after a revision, or at the end', async () => {
      const stream = freshStream();
      await client.appendToStream(stream, count(5));
      expect(data(await take(client.subscribeToStream(stream, { fromRevision: 2n }), 2))).toEqual([3, 4]);
      const atEnd = client.subscribeToStream(stream, { fromRevision: 'end' });
      const appended = said(atEnd, 'caughtUp').then(() => client.appendToStream(stream, numbered(5)));
      expect(data(await take(atEnd, 1))).toEqual([5]);
      await appended;
    });

    it('waits for a stream that is not there yet', async () => {
      const stream = freshStream();
      const subscription = client.subscribeToStream(stream);
      const appended = said(subscription, 'confirmation').then(() => client.appendToStream(stream, numbered(0)));
      expect(data(await take(subscription, 1))).toEqual([0]);
      await appended;
    });

    it('ends with the tombstone', async () => {
      const stream = freshStream();
      await client.appendToStream(stream, numbered(0));
      const subscription = client.subscribeToStream(stream);
      said(subscription, 'caughtUp').then(() => client.tombstoneStream(stream));
      const types: (string | undefined)[] = [];
      const ended = (async () => {
        for await (const { event } of subscription) types.push(event?.type);
      })();
      await expect(ended).rejects.toBeInstanceOf(StreamDeletedError);
      expect(types).toEqual(['Counted', '$streamDeleted']);
    });

    it('brings live what later readers will no longer see', async () => {
      const stream = freshStream();
      await client.setStreamMetadata(stream, { maxCount: 1 });
      await client.appendToStream(stream, numbered(0));
      const subscription = client.subscribeToStream(stream);
      const appended = said(subscription, 'caughtUp').then(() => client.appendToStream(stream, [numbered(1), numbered(2), numbered(3)]));
      expect(data(await take(subscription, 4))).toEqual([0, 1, 2, 3]);
      await appended;
    });
  });

  describe('a subscription to $all', () => {
    it('brings what comes after a position, and goes on live, each event once', async () => {
      const stream = freshStream();
      const { position } = await client.appendToStream(stream, numbered(0));
      if (!position) throw new Error('an append answers a position');
      await client.appendToStream(stream, [numbered(1), numbered(2)]);
      const subscription = client.subscribeToAll({ fromPosition: position });
      const appended = said(subscription, 'caughtUp').then(() => client.appendToStream(stream, [numbered(3), numbered(4)]));
      const events = await take(subscription, 4);
      expect(data(events)).toEqual([1, 2, 3, 4]);
      expect(events.every(({ event, commitPosition }) => event?.position?.commit === commitPosition)).toBe(true);
      await appended;
    });

    it('from the end brings only what comes', async () => {
      const subscription = client.subscribeToAll({ fromPosition: 'end' });
      const stream = freshStream();
      const appended = said(subscription, 'caughtUp').then(() => client.appendToStream(stream, numbered(7)));
      expect(data(await take(subscription, 1))).toEqual([7]);
      await appended;
    });

    it('brings a slow reader everything, too', async () => {
      const stream = freshStream();
      const subscription = client.subscribeToAll({ fromPosition: 'end' }, { highWaterMark: 1 });
      await said(subscription, 'caughtUp');
      for (let i = 0; i < 20; i++)
        await client.appendToStream(
          stream,
          range(i * 250, i * 250 + 250).map((n) => numbered(n)),
        );
      expect(data(await take(subscription, 5000))).toEqual(range(0, 5000));
    });

    const kind = freshStream('kind').replaceAll('-', '');
    it.each([
      ['a prefix of the stream name', streamNameFilter({ prefixes: [`${kind}a-`, `${kind}b-`] }), ['a', 'b', 'a', 'b']],
      ['a pattern for the stream name', streamNameFilter({ regex: `^${kind}[bc]-\\d$` }), ['b', 'c', 'b', 'c']],
      ['a prefix of the event type', eventTypeFilter({ prefixes: [`T${kind}c`] }), ['c', 'c']],
      ['a pattern for the event type', eventTypeFilter({ regex: `^T${kind}[ac]$` }), ['a', 'c', 'a', 'c']],
    ])('filters by %s, in history and live', async (_, filter, expected) => {
      const { position } = await client.appendToStream(freshStream(), numbered(0));
      if (!position) throw new Error('an append answers a position');
      const round = async (n: number) => {
        for (const letter of ['a', 'b', 'c']) await client.appendToStream(`${kind}${letter}-${n}`, numbered(0, `T${kind}${letter}`));
      };
      await round(1);
      const subscription = client.subscribeToAll({ fromPosition: position, filter });
      const appended = said(subscription, 'caughtUp').then(() => round(2));
      const events = await take(subscription, expected.length);
      expect(events.map(({ event }) => event?.type.at(-1))).toEqual(expected);
      await appended;
    });

    it('without system events has none', async () => {
      const stream = freshStream();
      await client.setStreamMetadata(stream, { maxCount: 3 });
      await client.appendToStream(stream, numbered(0, 'Last'));
      for await (const { event } of client.subscribeToAll({ filter: excludeSystemEvents() })) {
        expect(event?.type.startsWith('$')).toBe(false);
        if (event?.type === 'Last' && event.streamId === stream) break;
      }
    });

    it('with a filter says now and then how far it has looked, and can go on from there', async () => {
      const { position } = await client.appendToStream(freshStream(), numbered(0));
      if (!position) throw new Error('an append answers a position');
      const noise = freshStream('noise');
      const wanted = freshStream('wanted');
      for (let i = 0; i < 10; i++) await client.appendToStream(noise, count(10));
      await client.appendToStream(wanted, numbered(1));
      const reached: Position[] = [];
      const heard = new EventEmitter();
      const prefixes = [wanted];
      const checkpointReached = async (_: unknown, at: Position) => {
        reached.push(at);
        heard.emit('checkpoint');
      };
      const filter = streamNameFilter({ prefixes, maxSearchWindow: 10, checkpointInterval: 2, checkpointReached });
      const subscription = client.subscribeToAll({ fromPosition: position, filter });
      expect(data(await take(subscription, 1))).toEqual([1]);
      expect(reached.length).toBeGreaterThanOrEqual(4);
      const last = reached.at(-1) ?? position;
      expect(reached.map((at) => at.commit)).toEqual(reached.map((at) => at.commit).toSorted((a, b) => (a < b ? -1 : 1)));
      const resumed = client.subscribeToAll({ fromPosition: last, filter: streamNameFilter({ prefixes }) });
      expect(data(await take(resumed, 1))).toEqual([1]);

      const live = client.subscribeToAll({ fromPosition: 'end', filter });
      live.on('data', () => {});
      await said(live, 'caughtUp');
      const before = reached.length;
      const checkpoint = once(heard, 'checkpoint');
      await client.appendToStream(noise, count(20));
      await checkpoint;
      expect(reached.length).toBe(before + 1);
      await live.unsubscribe();
    });
  });
});
