import { jsonEvent } from '@eventstore/db-client';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { DomainEvent } from '../../src/domain/catalogue.ts';
import type { Recorded } from '../../src/domain/kit/events.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { followLive } from '../../src/live/follow.ts';
import type { LiveView } from '../../src/live/live-view.ts';
import { type Door, freshStream, openDoor } from '../eventstore/door.ts';
import { context, sampleOf } from '../eventstore/samples.ts';

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

let commands = 0;
const append = async (count = 1) => {
  const events = Array(count).fill(sampleOf('CallbackRequeued'));
  const answer = await door.store.append(freshStream('callback'), events, 'no-stream', { ...context, commandId: `live-${++commands}` });
  if (!answer.ok) throw new Error('not appended');
  return answer;
};
const collector = () => {
  const seen: Recorded<DomainEvent>[] = [];
  const view: LiveView = { name: 'collector', apply: (event) => void seen.push(event) };
  return { view, ids: () => seen.map(({ id }) => id) };
};
const follow = (views: Parameters<typeof followLive>[1], store: EventStore = door.store) => {
  let applied = 0;
  const logged: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) });
  const feed = followLive(store, views, { log, applied: () => applied++ });
  onTestFinished(feed.close);
  return { feed, logged, applied: () => applied };
};

it('folds what was there before it has caught up, and then what comes', async () => {
  const after = await door.store.lastPosition();
  const before = await append(3);
  const { view, ids } = collector();
  const { feed, applied } = follow([{ view, after }]);
  expect(feed.isCaughtUp()).toBe(false);
  await feed.caughtUp;
  expect(ids()).toEqual(before.ids);
  const later = await append(2);
  expect(await feed.waitFor(later.position, 5_000)).toBe(true);
  expect(ids()).toEqual([...before.ids, ...later.ids]);
  expect([feed.isCaughtUp(), feed.position(), applied()]).toEqual([true, later.position, 5]);
});

it('hands each view what comes after its seed, with one reader', async () => {
  const after = await door.store.lastPosition();
  const first = await append();
  const second = await append();
  const [early, late] = [collector(), collector()];
  const { feed } = follow([
    { view: early.view, after },
    { view: late.view, after: first.position },
  ]);
  await feed.caughtUp;
  expect([early.ids(), late.ids()]).toEqual([[...first.ids, ...second.ids], second.ids]);
});

it('answers a wait for what is there already at once, and one in vain with false', async () => {
  const { position } = await append();
  const { feed } = follow([{ view: collector().view, after: position }]);
  await feed.caughtUp;
  expect(await feed.waitFor(position, 0)).toBe(true);
  expect(await feed.waitFor(position + 1_000_000n, 1)).toBe(false);
  const waiting = feed.waitFor(position + 1_000_000n, 60_000);
  await feed.close();
  expect(await waiting).toBe(false);
});

it('leaves out what is broken, and says so without its data', async () => {
  const after = await door.store.lastPosition();
  const metadata = { version: 1, $correlationId: 'r', $causationId: 'c', commandId: 'c', actor: context.actor };
  await door.client.appendToStream(
    freshStream('callback'),
    jsonEvent({ type: 'CallbackRequeued', data: { queue: 'secret', at: 7 }, metadata }),
  );
  const good = await append();
  const { view, ids } = collector();
  const { feed, logged } = follow([{ view, after }]);
  await feed.caughtUp;
  expect(ids()).toEqual(good.ids);
  expect(logged.join()).toContain('CallbackRequeued');
  expect(logged.join()).not.toContain('secret');
});

it('goes on where it was when the event store comes back, and folds nothing twice', async () => {
  const after = await door.store.lastPosition();
  const { ids: first } = await append(2);
  let tries = 0;
  const shaky: EventStore = {
    ...door.store,
    follow: async function* (options) {
      tries++;
      let handed = 0;
      for await (const item of door.store.follow(options)) {
        if (tries === 1 && handed++ === 1) throw new Error('the line broke');
        yield item;
      }
    },
  };
  const { view, ids } = collector();
  const { feed } = follow([{ view, after }], shaky);
  await feed.caughtUp;
  expect(tries).toBe(2);
  expect(ids()).toEqual(first);
});

it('leaves an event out of a view that can’t fold it, says so, and hands it to the others once', async () => {
  const after = await door.store.lastPosition();
  const { ids: expected, position } = await append(3);
  const spoilt: LiveView = {
    name: 'spoilt',
    apply: () => {
      throw new Error('cannot fold');
    },
  };
  const { view, ids } = collector();
  const { feed, logged } = follow([
    { view: spoilt, after },
    { view, after },
  ]);
  expect(await feed.waitFor(position, 5_000)).toBe(true);
  expect(ids()).toEqual(expected);
  expect(logged.filter((line) => line.includes('spoilt'))).toHaveLength(3);
});
