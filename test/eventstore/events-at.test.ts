import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsAt } from '../../src/eventstore/events-at.ts';
import { all, type Door, freshStream, openDoor } from './door.ts';
import { context, sampleOf } from './samples.ts';

let door: Door;
const positions: bigint[] = [];
beforeAll(async () => {
  door = await openDoor();
  for (let n = 0; n < 60; n++) {
    const answer = await door.store.append(freshStream('callback'), Array(5).fill(sampleOf('CallbackRequeued')), 'any', {
      ...context,
      commandId: `at-${n}`,
    });
    if (!answer.ok) throw new Error('not appended');
  }
  const stop = new AbortController();
  for await (const item of door.store.follow({ after: undefined, personal: false, signal: stop.signal })) {
    if (item.kind === 'caught-up') break;
    positions.push(item.kind === 'event' ? item.event.position : item.position);
  }
  stop.abort();
});
afterAll(() => door.close());

/** The positions that were read, and how many reads and events it took. */
const readAt = async (wanted: readonly bigint[]) => {
  let reads = 0;
  let events = 0;
  const eventsFrom: Door['store']['eventsFrom'] = async function* (position, count) {
    reads++;
    for await (const item of door.store.eventsFrom(position, count)) {
      events++;
      yield item;
    }
  };
  const found = await all(eventsAt({ eventsFrom }, wanted));
  return { found: found.map(({ position }) => position), reads, events };
};

describe('events at given positions', () => {
  it('are exactly those, in order, close together or far apart', async () => {
    for (const every of [1, 2, 7]) {
      const wanted = positions.filter((_, n) => n % every === 0);
      expect((await readAt(wanted)).found).toEqual(wanted);
    }
    const mixed = positions.filter((_, n) => n < 100 || n % 25 === 0 || n > 280);
    expect((await readAt(mixed)).found).toEqual(mixed);
    expect((await readAt([])).found).toEqual([]);
  });

  it('are read together where they lie close together, and one by one where they don’t', async () => {
    const dense = await readAt(positions);
    expect(dense.reads).toBeLessThan(15);
    const sparse = await readAt(positions.filter((_, n) => n % 30 === 0));
    expect(sparse.events).toBeLessThan(40);
  });

  it('leave out a position where the log has no event', async () => {
    const [first = 0n, second = 0n] = positions;
    expect((await readAt([first, second, (positions.at(-1) ?? 0n) + 1_000n])).found).toEqual([first, second]);
    expect((await readAt([first + 1n === second ? 0n : first + 1n, second])).found).toEqual([second]);
  });
});
