import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bookCallback } from '../../src/commands/book.ts';
import { placeTaker } from '../../src/commands/places.ts';
import { placesStream } from '../../src/domain/places/decider.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { all } from '../eventstore/door.ts';
import { deferred } from '../support/deferred.ts';
import { type Cut, configurationOf } from './cuts.ts';
import { type Desk, openDesk, typesOf } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

/** Slots begin at :15 UTC, one of them at 23:15. */
const nepal: Cut = { zone: 'Asia/Kathmandu', slotDurationMinutes: 60, slotCapacity: 1 };
const quarters: Cut = { zone: 'UTC', slotDurationMinutes: 15, slotCapacity: 1 };
const pairsOfHours: Cut = { zone: 'UTC', slotDurationMinutes: 120, slotCapacity: 1 };
const eve = (time: string): number => Date.parse(`2026-03-03T${time}:00.000Z`);
const next = (time: string): number => Date.parse(`2026-03-04T${time}:00.000Z`);

/** Nodes on one queue, each with a configuration and a store of its own to be wrapped. */
const openQueue = () => {
  const { deps, queue, request } = desk.deskFor();
  const node = (cut: Cut, store: EventStore = deps.store) => {
    let configuration = configurationOf(queue, cut);
    const current = () => configuration;
    const own = { ...deps, store, configuration: current, places: placeTaker(store, current) };
    return {
      book: async (desiredTime: number, alwaysCheckCapacity = true) => {
        const booked = await bookCallback(own, request({ desiredTime, alwaysCheckCapacity }), desk.context());
        return booked.ok || booked.refusal.code;
      },
      configure: (now: Cut) => {
        configuration = configurationOf(queue, now);
      },
    };
  };
  const placesOn = (day: string) => all(desk.store.readStream(placesStream(queue, day)));
  return { node, placesOn, store: deps.store };
};

/** A store that holds appends of places back, before they are made or before they are answered, until it is let go. */
const halting = (store: EventStore, when: 'before' | 'after') => {
  const [reached, go] = [deferred(), deferred()];
  const append: EventStore['append'] = async (streamId, events, expected, context) => {
    const isHalted = events.some(({ type }) => type === 'PlaceTaken');
    const wait = async () => {
      reached.resolve();
      await go.promise;
    };
    if (isHalted && when === 'before') await wait();
    const appended = await store.append(streamId, events, expected, context);
    if (isHalted && when === 'after') await wait();
    return appended;
  };
  return { store: { ...store, append }, reached: reached.promise, go: go.resolve };
};

describe('a slot across UTC midnight', () => {
  it('is full with the places that stand on the day after, where they were taken in slots of other lengths', async () => {
    const { node } = openQueue();
    const { book, configure } = node(quarters);
    expect(await book(next('00:10'))).toBe(true);
    configure(nepal);
    expect(await book(eve('23:20'))).toBe('SLOT_FULL');
    expect(await book(next('00:15'))).toBe(true);
    configure({ ...nepal, slotCapacity: 2 });
    expect([await book(eve('23:20')), await book(next('00:05'))]).toEqual([true, 'SLOT_FULL']);
  });

  it('leaves places behind on its day that count in the slots of the day after', async () => {
    const { node, placesOn } = openQueue();
    const { book, configure } = node(nepal);
    expect(await book(next('00:10'))).toBe(true);
    expect(await placesOn('2026-03-04')).toEqual([]);
    configure(quarters);
    expect([await book(next('00:05')), await book(eve('23:50'))]).toEqual(['SLOT_FULL', true]);
    configure({ ...quarters, slotDurationMinutes: 5 });
    expect([await book(next('00:05')), await book(next('00:11'))]).toEqual([true, 'SLOT_FULL']);
  });

  it('counts those that didn’t ask, and they ask nothing', async () => {
    const { node } = openQueue();
    const { book, configure } = node(quarters);
    await book(next('00:10'), false);
    configure(nepal);
    expect([await book(eve('23:20')), await book(eve('23:20'), false)]).toEqual(['SLOT_FULL', true]);
  });
});

describe('two who contend for a slot from either side of midnight, one of them by an older configuration', () => {
  it('are decided by the log: who came second gives his place back before he is booked', async () => {
    const { node, placesOn, store } = openQueue();
    const halted = halting(store, 'before');
    const booking = node(nepal, halted.store).book(eve('23:30'));
    await halted.reached;
    expect(await node(quarters).book(next('00:10'))).toBe(true);
    halted.go();
    expect(await booking).toBe('SLOT_FULL');
    const places = await placesOn('2026-03-03');
    expect(typesOf(places)).toEqual(['PlaceTaken', 'PlaceGivenBack']);
    expect(places.at(-1)?.data).toMatchObject({ because: 'REFUSED' });
  });

  it('keep the place of the first though the second is there when he looks again', async () => {
    const { node, placesOn, store } = openQueue();
    const halted = halting(store, 'after');
    const booking = node(nepal, halted.store).book(eve('23:30'));
    await halted.reached;
    expect(await node(quarters).book(next('00:10'))).toBe(true); // by its own configuration that slot is empty
    halted.go();
    expect(await booking).toBe(true);
    expect(typesOf(await placesOn('2026-03-03'))).toEqual(['PlaceTaken']);
    expect(await node(nepal).book(eve('23:45'))).toBe('SLOT_FULL');
  });

  it('are one, however often they race', async () => {
    for (let round = 0; round < 10; round++) {
      const { node } = openQueue();
      const [one, other] = [node(nepal), node(pairsOfHours)];
      const answers = await Promise.all([one.book(next('00:05')), other.book(next('00:10'))]);
      expect(answers.sort()).toEqual(['SLOT_FULL', true]);
    }
  });

  it('leave room for those of their batch whom it doesn’t concern', async () => {
    const { node, store } = openQueue();
    const halted = halting(store, 'before');
    const one = node({ ...nepal, slotCapacity: 2 }, halted.store);
    const bookings = [eve('23:30'), eve('23:40'), eve('22:30')].map((time) => one.book(time));
    await halted.reached;
    expect(await node(quarters).book(next('00:10'))).toBe(true);
    halted.go();
    expect(await Promise.all(bookings)).toEqual([true, 'SLOT_FULL', true]);
  });

  it('leave those of their batch alone when a place can’t be given back, which only its own booking hears of', async () => {
    const { node, store } = openQueue();
    const halted = halting(store, 'before');
    const append: EventStore['append'] = (streamId, events, expected, context) =>
      events.some(({ type }) => type === 'PlaceGivenBack')
        ? Promise.reject(new Error('the store went away'))
        : halted.store.append(streamId, events, expected, context);
    const one = node({ ...nepal, slotCapacity: 2 }, { ...halted.store, append });
    const bookings = [eve('23:30'), eve('23:40'), eve('22:30')].map((time) => one.book(time));
    const settled = Promise.allSettled(bookings);
    await halted.reached;
    expect(await node(quarters).book(next('00:10'))).toBe(true);
    halted.go();
    expect((await settled).map((one) => (one.status === 'fulfilled' ? one.value : 'failed'))).toEqual([true, 'failed', true]);
  });
});
