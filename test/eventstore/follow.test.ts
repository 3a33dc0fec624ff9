import { jsonEvent } from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectEventStore } from '../../src/eventstore/client.ts';
import type { EventStore, Feed } from '../../src/eventstore/event-store.ts';
import { keyCache } from '../../src/keys/key-cache.ts';
import { keyringSealer } from '../../src/keys/sealer.ts';
import { type Door, freshStream, openDoor } from './door.ts';
import { context, sampleOf } from './samples.ts';

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

let commands = 0;
const requeued = sampleOf('CallbackRequeued');
const appendOne = async (count = 1, streamId = freshStream('callback')) => {
  const answer = await door.store.append(streamId, Array(count).fill(requeued), 'any', { ...context, commandId: `follow-${++commands}` });
  if (!answer.ok) throw new Error('not appended');
  return answer;
};
const raw = (type: string, data: Record<string, unknown>, metadata: Record<string, unknown> = {}) =>
  door.client.appendToStream(freshStream('callback'), jsonEvent({ type, data, metadata }));
const goodMetadata = { version: 1, $correlationId: 'r', $causationId: 'c', commandId: 'c', actor: context.actor };

const textOf = (item: Feed): string =>
  item.kind === 'event' ? item.event.id : item.kind === 'caught-up' ? 'caught-up' : `${item.kind} ${item.type}`;

/** Follows from `after` on; `next(n)` waits for that many more items. */
const follow = (after: bigint | undefined, store: EventStore = door.store, personal = false) => {
  const stop = new AbortController();
  const feed = store.follow({ after, personal, signal: stop.signal })[Symbol.asyncIterator]();
  onTestFinished(() => stop.abort());
  const next = async (count: number): Promise<Feed[]> => {
    const items: Feed[] = [];
    while (items.length < count) {
      const { value, done } = await feed.next();
      if (done) throw new Error(`ended after ${items.length} of ${count}`);
      items.push(value);
    }
    return items;
  };
  return { next, stop, feed };
};
const lastPosition = async () => (await door.store.lastPosition()) ?? 0n;

describe('following the log', () => {
  it('hands over all that was there in order, says so once, and then what comes', async () => {
    const after = await lastPosition();
    const { ids } = await appendOne(700);
    const { next } = follow(after);
    const before = await next(701);
    expect(before.map(textOf)).toEqual([...ids, 'caught-up']);
    const later = [...(await appendOne(40)).ids, ...(await appendOne(40)).ids];
    expect((await next(80)).map(textOf)).toEqual(later);
    const positions = before.flatMap((item) => (item.kind === 'event' ? [item.event.position] : []));
    expect(positions).toEqual([...positions].sort((a, b) => (a < b ? -1 : 1)));
  });

  it('says that it has caught up only after everything before it, however slow the reader', async () => {
    const after = await lastPosition();
    const { ids } = await appendOne(300);
    const { feed } = follow(after);
    const seen: string[] = [];
    for (let caughtUp = false; !caughtUp; ) {
      const { value, done } = await feed.next();
      if (done) throw new Error('ended');
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      caughtUp = value.kind === 'caught-up';
      seen.push(textOf(value));
    }
    expect(seen.filter((text) => text === 'caught-up')).toHaveLength(1);
    expect(seen.slice(0, ids.length)).toEqual(ids);
  });

  it('says so at once when nothing is behind', async () => {
    const { next } = follow(await lastPosition());
    expect((await next(1)).map(textOf)).toEqual(['caught-up']);
    const { ids } = await appendOne();
    expect((await next(1)).map(textOf)).toEqual(ids);
  });

  it('hands over what comes while it catches up, each once', async () => {
    const after = await lastPosition();
    const first = await appendOne(200);
    const { next } = follow(after);
    const start = await next(50);
    const second = await appendOne(200);
    const rest = await next(351);
    const events = [...start, ...rest].map(textOf);
    expect(events.filter((text) => text === 'caught-up')).toHaveLength(1);
    expect(events.filter((text) => text !== 'caught-up')).toEqual([...first.ids, ...second.ids]);
  });

  it('goes on after any position', async () => {
    const { ids, position } = await appendOne();
    const { ids: others } = await appendOne(3);
    const { next } = follow(position);
    const texts = (await next(4)).map(textOf);
    expect(texts).toEqual([...others, 'caught-up']);
    expect(texts).not.toContain(ids[0]);
  });

  it('reports types that it does not know, and known ones whose data is broken, and goes on', async () => {
    const after = await lastPosition();
    await raw('OfAnotherProgram', { any: 'thing' });
    await raw('CallbackRequeued', { queue: 7 }, goodMetadata);
    await raw('CallbackRequeued', { ...requeued.data }, { nothing: true });
    const { ids } = await appendOne();
    const items = await follow(after).next(5);
    expect(items.map(textOf)).toEqual([
      'unknown OfAnotherProgram',
      'broken CallbackRequeued',
      'broken CallbackRequeued',
      ...ids,
      'caught-up',
    ]);
    for (const item of items.slice(0, 3)) if ('position' in item) expect(await door.store.idAt(item.position)).toBe(item.id);
  });

  it('leaves out what the event store writes for itself', async () => {
    const after = await lastPosition();
    await door.client.setStreamMetadata(freshStream('callback'), { maxCount: 1 });
    const { ids } = await appendOne();
    expect((await follow(after).next(2)).map(textOf)).toEqual([...ids, 'caught-up']);
  });

  it('ends when it is aborted, while it waits and before it begins', async () => {
    const { feed, next, stop } = follow(await lastPosition());
    await next(1);
    const waiting = feed.next();
    stop.abort();
    await expect(waiting).resolves.toMatchObject({ done: true });

    const given = AbortSignal.abort();
    const ended = door.store.follow({ after: undefined, personal: false, signal: given });
    for await (const item of ended) throw new Error(`handed over ${textOf(item)}`);
  });

  it('can be left in the middle', async () => {
    const after = await lastPosition();
    await appendOne(100);
    const stop = new AbortController();
    for await (const item of door.store.follow({ after, personal: false, signal: stop.signal })) {
      expect(item.kind).toBe('event');
      break;
    }
  });
});

describe('a follower of personal fields', () => {
  it('stops when the key store can’t be asked, and calls nothing broken', async () => {
    const after = await lastPosition();
    const { keyId } = await door.keyring.takeKey();
    const booked = { ...sampleOf('CallbackBooked'), data: { ...sampleOf('CallbackBooked').data, keyId } } as typeof requeued; // still a booking
    await door.store.append(freshStream('callback'), [booked], 'no-stream', { ...context, commandId: 'keys-away' });
    const away = { hash: door.keyring.hash, keyOf: () => Promise.reject(new Error('the key store is away')) };
    const store = await connectEventStore(door.connectionString, keyringSealer(away));
    onTestFinished(store.close);
    await expect(follow(after, store, true).next(1)).rejects.toThrow('the key store is away');
    expect(await follow(after, store, false).next(1)).toMatchObject([{ kind: 'event' }]);
  });

  it('is told of an envelope that was tampered with, and goes on', async () => {
    const after = await lastPosition();
    const { keyId } = await door.keyring.takeKey();
    const { phoneNumber: _1, userData: _2, pushTargets: _3, ...clear } = sampleOf('CallbackBooked').data as Record<string, unknown>; // the clear part
    await raw('CallbackBooked', { ...clear, keyId, sealed: 'AQAA' }, goodMetadata);
    expect((await follow(after, door.store, true).next(2)).map(textOf)).toEqual(['broken CallbackBooked', 'caught-up']);
  });
});

describe('a follower of newer events', () => {
  it('stops: what newer code wrote is not skipped', async () => {
    const after = await lastPosition();
    await raw('CallbackRequeued', { ...requeued.data }, { ...goodMetadata, version: 2 });
    await expect(follow(after).next(1)).rejects.toThrow('newer code');
  });
});

describe('following the log with personal data, where each look into the key store is a way over the network', () => {
  /** A door of its own to the same log, whose keys come some turns of the event loop late; counts the looks. */
  const remote = async () => {
    let looks = 0;
    const load = keyCache(async (keyIds) => {
      looks += 1;
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      const keys = await Promise.all(keyIds.map(async (keyId) => [keyId, await door.keyring.keyOf(keyId)] as const));
      return new Map(keys.flatMap(([keyId, key]) => (key === undefined ? [] : [[keyId, () => key] as const])));
    }, 10_000);
    const store = await connectEventStore(door.connectionString, keyringSealer({ keyOf: load.get, hash: door.keyring.hash }));
    onTestFinished(store.close);
    return { store, looks: () => looks };
  };
  const bookOne = async () => {
    const { keyId } = await door.keyring.takeKey();
    const booked = sampleOf('CallbackBooked');
    if (booked.type !== 'CallbackBooked') throw new Error('no booking');
    const event = { ...booked, data: { ...booked.data, keyId } };
    await door.store.append(freshStream('callback'), [event], 'no-stream', { ...context, commandId: `follow-${++commands}` });
  };
  const book = (count: number) => Promise.all(Array.from({ length: count }, bookOne));
  const numbersOf = (items: readonly Feed[]) =>
    items.flatMap((item) => (item.kind === 'event' && item.event.type === 'CallbackBooked' ? [item.event.data.phoneNumber] : []));

  it('asks for the keys of many events at once, as it catches up and as they come', async () => {
    const after = await lastPosition();
    await book(300);
    const { store, looks } = await remote();
    const { next } = follow(after, store, true);
    const number = sampleOf('CallbackBooked');
    const expected = number.type === 'CallbackBooked' ? number.data.phoneNumber : null;
    expect(new Set(numbersOf(await next(301)))).toEqual(new Set([expected]));
    expect(looks()).toBeLessThan(50);
    const before = looks();
    await book(300);
    expect(numbersOf(await next(300))).toHaveLength(300);
    expect(looks() - before).toBeLessThan(50);
  });
});
