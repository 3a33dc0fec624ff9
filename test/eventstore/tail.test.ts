import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedTail } from '../../src/eventstore/tail.ts';

type Item = { readonly position: bigint; readonly bytes: number };

/** A log that grows on demand, and counts who reads it. */
const growingLog = (bytes = 1) => {
  const items: Item[] = [];
  let wake = () => {};
  let readers = 0;
  let broken: Error | undefined;
  async function* read(after: bigint | undefined, signal: AbortSignal): AsyncGenerator<Item> {
    readers += 1;
    setMaxListeners(0, signal);
    try {
      for (let next = items.findIndex(({ position }) => after === undefined || position > after); !signal.aborted; ) {
        if (next < 0) next = items.length;
        if (broken !== undefined) throw broken;
        const item = items[next];
        if (item === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
            signal.addEventListener('abort', () => resolve(), { once: true });
          });
        } else {
          next += 1;
          yield item;
        }
      }
    } finally {
      readers -= 1;
    }
  }
  const grow = (count: number) => {
    for (let i = 0; i < count; i++) items.push({ position: BigInt(items.length + 1), bytes });
    wake();
  };
  const fail = (error: Error) => {
    broken = error;
    wake();
  };
  return { read, grow, fail, readers: () => readers };
};
const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};
const take = async (feed: AsyncGenerator<Item> | undefined, count: number): Promise<number[]> => {
  const taken: number[] = [];
  while (taken.length < count) {
    const next = await feed?.next();
    if (next === undefined || next.done) break;
    taken.push(Number(next.value.position));
  }
  return taken;
};
const upTo = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

describe('the shared tail of the log', () => {
  it('gives every follower all that comes after its place, in order and once, with one reader for all', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ after: fc.nat(20), grown: fc.nat(30) }), { minLength: 1, maxLength: 6 }),
        fc.nat(20),
        async (joins, first) => {
          const log = growingLog();
          log.grow(20);
          const tail = sharedTail(log.read, { kept: 1_000 });
          const stop = new AbortController();
          setMaxListeners(0, stop.signal);
          const followers: { after: number; feed: AsyncGenerator<Item> | undefined; seen: number[] }[] = [];
          let end = 20;
          for (const { after, grown } of [{ after: first, grown: 0 }, ...joins]) {
            const feed = tail.after(BigInt(after), stop.signal);
            expect(feed === undefined).toBe(after < first);
            followers.push({ after, feed, seen: feed === undefined ? [] : await take(feed, end - after) });
            expect(log.readers()).toBeLessThanOrEqual(1);
            log.grow(grown);
            end += grown;
          }
          for (const { after, feed, seen } of followers)
            if (feed !== undefined)
              expect([...seen, ...(await take(feed, end - after - seen.length))]).toEqual(upTo(after + 1, end - after));
          stop.abort();
        },
      ),
      { numRuns: 50 },
    );
  });

  it('ends for a follower that was overtaken, and goes on for the others', async () => {
    const log = growingLog();
    log.grow(1);
    const tail = sharedTail(log.read, { kept: 10 });
    const stop = new AbortController();
    const slow = tail.after(0n, stop.signal);
    const quick = tail.after(0n, stop.signal);
    expect([await take(slow, 1), await take(quick, 1)]).toEqual([[1], [1]]);
    for (let round = 0; round < 10; round++) {
      log.grow(5);
      expect(await take(quick, 5)).toEqual(upTo(2 + round * 5, 5));
    }
    expect(await take(slow, 50)).toEqual([]);
    expect(tail.after(1n, stop.signal)).toBeUndefined();
    expect(tail.after(45n, stop.signal)).toBeDefined();
    stop.abort();
  });

  it('keeps few of those that are large, and none is missed by who keeps up', async () => {
    const log = growingLog(100);
    const tail = sharedTail(log.read, { kept: 1_000, keptBytes: 1_000 });
    const stop = new AbortController();
    const quick = tail.after(0n, stop.signal);
    for (let round = 0; round < 20; round++) {
      log.grow(5);
      expect(await take(quick, 5)).toEqual(upTo(1 + round * 5, 5));
    }
    expect(tail.after(89n, stop.signal)).toBeUndefined();
    expect(tail.after(99n, stop.signal)).toBeDefined();
    stop.abort();
  });

  it('stops reading once its last follower has gone, and starts anew for the next', async () => {
    const log = growingLog();
    log.grow(3);
    const tail = sharedTail(log.read, { kept: 10 });
    for (const after of [2, 0]) {
      const stop = new AbortController();
      const feed = tail.after(BigInt(after), stop.signal);
      expect(await take(feed, 3 - after)).toEqual(upTo(after + 1, 3 - after));
      const waiting = feed?.next();
      stop.abort();
      expect(await waiting).toEqual({ done: true, value: undefined });
      await turns(5);
      expect(log.readers()).toBe(0);
    }
  });

  it('fails for all followers when reading fails', async () => {
    const log = growingLog();
    log.grow(1);
    const tail = sharedTail(log.read, { kept: 10 });
    const stop = new AbortController();
    const [one, other] = [tail.after(0n, stop.signal), tail.after(0n, stop.signal)];
    expect([await take(one, 1), await take(other, 1)]).toEqual([[1], [1]]);
    const ends = Promise.allSettled([one?.next(), other?.next()]);
    log.fail(new Error('lost'));
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await turns(5);
    expect(log.readers()).toBe(0);
  });
});
