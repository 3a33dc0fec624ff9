import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bookCallback } from '../../src/commands/book.ts';
import { lapseHold, type PendingHold } from '../../src/commands/lapse.ts';
import { rescheduleCallback } from '../../src/commands/reschedule.ts';
import { isCallbackStream } from '../../src/domain/callback/events.ts';
import { placesStream } from '../../src/domain/places/decider.ts';
import { dayOf, slotOf } from '../../src/domain/time/slots.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { all } from '../eventstore/door.ts';
import { deferred } from '../support/deferred.ts';
import { type Desk, idOf, LATER, NOW, openDesk, SOON, typesOf } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const CRASH = 'the process is gone';
const now = new Date(NOW + 30_000).toISOString();
const slot = slotOf(SOON, 15, 'UTC');

/** A store whose user is gone between the place and what was to follow it on the callback's stream. */
const crashing = (store: EventStore): EventStore => ({
  ...store,
  append: (streamId, ...rest) => (isCallbackStream(streamId) ? Promise.reject(new Error(CRASH)) : store.append(streamId, ...rest)),
});

/** A store that holds an append to a callback's stream back until it is let go. */
const halting = () => {
  const [reached, go] = [deferred(), deferred()];
  const wrap = (store: EventStore): EventStore => ({
    ...store,
    append: async (streamId, events, expected, context) => {
      if (isCallbackStream(streamId) && events.some(({ type }) => type === 'CallbackBooked' || type === 'CallbackRescheduled')) {
        reached.resolve();
        await go.promise;
      }
      return store.append(streamId, events, expected, context);
    },
  });
  return { wrap, reached: reached.promise, go: go.resolve };
};

/** The places of a queue that were taken, as a process hears of them. */
const pendingOf = async (queue: string, instant: number): Promise<PendingHold[]> =>
  (await all(desk.store.readStream(placesStream(queue, dayOf(instant))))).flatMap((event) => {
    if (event.type !== 'PlaceTaken') return [];
    const { callbackId, holdId, instant: at, day, decidedAt } = event.data;
    return [{ queue, callbackId, hold: { holdId, instant: at, day }, decidedAt }];
  });
const onlyPending = async (queue: string, instant = SOON): Promise<PendingHold> => {
  const found = await pendingOf(queue, instant);
  const [pending] = found;
  if (pending === undefined || found.length > 1) throw new Error(`${found.length} places taken`);
  return pending;
};
const lapse = (pending: PendingHold) => lapseHold(desk.store, pending, now, desk.context());
const newKey = () => ({ owner: 'k-1', key: randomUUID(), body: 'body' });

describe('a place whose booking never came', () => {
  it('lapses, and is given back', async () => {
    const { deps, request, queue, loadOf } = desk.deskFor({}, crashing);
    await expect(bookCallback(deps, request({ desiredTime: SOON }), desk.context())).rejects.toThrow(CRASH);
    const pending = await onlyPending(queue);
    expect(await loadOf(slot)).toBe(1);
    await lapse(pending);
    expect(await loadOf(slot)).toBe(0);
    expect(typesOf(await desk.historyOf(pending.callbackId))).toEqual(['BookingLapsed']);
  });
  it('lapses once, however often it is looked at', async () => {
    const { deps, request, queue } = desk.deskFor({}, crashing);
    await expect(bookCallback(deps, request({ desiredTime: SOON }), desk.context())).rejects.toThrow(CRASH);
    const pending = await onlyPending(queue);
    await Promise.all([lapse(pending), lapse(pending)]);
    await lapse(pending);
    expect(typesOf(await desk.historyOf(pending.callbackId))).toEqual(['BookingLapsed']);
    expect(typesOf(await all(desk.store.readStream(placesStream(queue, dayOf(SOON)))))).toEqual(['PlaceTaken', 'PlaceGivenBack']);
  });
  it('lapses before a slow booking comes: the booking is refused', async () => {
    const slow = halting();
    const { deps, request, queue, loadOf } = desk.deskFor({}, slow.wrap);
    const booking = bookCallback(deps, request({ desiredTime: SOON }), desk.context());
    await slow.reached;
    const pending = await onlyPending(queue);
    await lapse(pending);
    slow.go();
    expect(await booking).toEqual({ ok: false, refusal: { code: 'HOLD_LAPSED' } });
    expect(await loadOf(slot)).toBe(0);
    expect(typesOf(await desk.historyOf(pending.callbackId))).toEqual(['BookingLapsed']);
  });
  it('lapses after a slow booking came: the place stays', async () => {
    const { deps, request, queue, loadOf } = desk.deskFor();
    const id = idOf(await bookCallback(deps, request({ desiredTime: SOON }), desk.context()));
    await lapse(await onlyPending(queue));
    expect(await loadOf(slot)).toBe(1);
    expect(typesOf(await desk.historyOf(id))).toEqual(['CallbackBooked']);
  });
  it('lapses at the same moment as the booking: exactly one of the two holds', async () => {
    for (let round = 0; round < 8; round++) {
      const slow = halting();
      const { deps, request, queue, loadOf } = desk.deskFor({}, slow.wrap);
      const booking = bookCallback(deps, request({ desiredTime: SOON }), desk.context());
      await slow.reached;
      const pending = await onlyPending(queue);
      slow.go();
      const [booked] = await Promise.all([booking, lapse(pending)]);
      expect(typesOf(await desk.historyOf(pending.callbackId))).toEqual([booked.ok ? 'CallbackBooked' : 'BookingLapsed']);
      expect(await loadOf(slot)).toBe(booked.ok ? 1 : 0);
    }
  });
});

describe('booking again under the Idempotency-Key of one that lapsed', () => {
  it('takes a place anew, and books at the revision that it found', async () => {
    const idempotency = newKey();
    const { deps, request, queue, loadOf } = desk.deskFor();
    const wish = request({ desiredTime: SOON, idempotency });
    const away = { ...deps, store: crashing(deps.store) };
    await expect(bookCallback(away, wish, desk.context())).rejects.toThrow(CRASH);
    const pending = await onlyPending(queue);
    await lapse(pending);
    const id = idOf(await bookCallback(deps, wish, desk.context()));
    expect(id).toBe(pending.callbackId);
    const history = await desk.historyOf(id);
    expect(typesOf(history)).toEqual(['BookingLapsed', 'CallbackBooked']);
    const [, again] = await pendingOf(queue, SOON);
    expect(again?.decidedAt).toBe(0);
    expect(history[1]?.data).toMatchObject({ hold: again?.hold });
    expect(await loadOf(slot)).toBe(1);

    if (again !== undefined) await lapse(again);
    expect(await loadOf(slot)).toBe(1);
    expect(idOf(await bookCallback(deps, wish, desk.context()))).toBe(id);
  });
  it('before it lapsed books on its own place, and the first one lapses without harm', async () => {
    const { deps, request, queue, loadOf } = desk.deskFor({ slotCapacity: 1 });
    const wish = request({ desiredTime: SOON, alwaysCheckCapacity: true, idempotency: newKey() });
    await expect(bookCallback({ ...deps, store: crashing(deps.store) }, wish, desk.context())).rejects.toThrow(CRASH);
    const pending = await onlyPending(queue);
    const id = idOf(await bookCallback(deps, wish, desk.context()));
    await lapse(pending);
    expect(typesOf(await desk.historyOf(id))).toEqual(['CallbackBooked']);
    expect(await loadOf(slot)).toBe(1);
    expect((await pendingOf(queue, SOON)).map(({ hold }) => hold.holdId)).toContain(pending.hold.holdId);
  });
});

describe('a place whose move never came', () => {
  const booked = async (wrap?: (store: EventStore) => EventStore) => {
    const setup = desk.deskFor();
    const id = idOf(await bookCallback(setup.deps, setup.request({ desiredTime: SOON }), desk.context()));
    const deps = { ...setup.deps, store: wrap?.(setup.deps.store) ?? setup.deps.store };
    const move = () => rescheduleCallback(deps, id, { desiredTime: LATER, checked: true }, desk.context());
    const newPlace = async () => (await pendingOf(setup.queue, LATER)).find(({ decidedAt }) => decidedAt !== null);
    const loads = async () => [await setup.loadOf(slot), await setup.loadOf(slotOf(LATER, 15, 'UTC'))];
    return { ...setup, id, move, newPlace, loads };
  };
  const found = (pending: PendingHold | undefined): PendingHold => {
    if (pending === undefined) throw new Error('no place was taken for the move');
    return pending;
  };

  it('lapses, and the callback stays where it was', async () => {
    const { id, move, newPlace, loads } = await booked(crashing);
    await expect(move()).rejects.toThrow(CRASH);
    expect(await loads()).toEqual([1, 1]);
    await lapse(found(await newPlace()));
    expect(await loads()).toEqual([1, 0]);
    expect(typesOf(await desk.historyOf(id))).toEqual(['CallbackBooked', 'BookingLapsed']);
  });
  it('lapses before a slow move comes: the move takes another place', async () => {
    const slow = halting();
    const { id, move, newPlace, loads } = await booked(slow.wrap);
    const moving = move();
    await slow.reached;
    await lapse(found(await newPlace()));
    slow.go();
    expect(await moving).toMatchObject({ ok: true });
    expect(await loads()).toEqual([0, 1]);
    expect(typesOf(await desk.historyOf(id))).toEqual(['CallbackBooked', 'BookingLapsed', 'CallbackRescheduled']);
  });
  it('lapses after the move came: the place stays', async () => {
    const { id, move, newPlace, loads } = await booked();
    await move();
    await lapse(found(await newPlace()));
    expect(await loads()).toEqual([0, 1]);
    expect(typesOf(await desk.historyOf(id))).toEqual(['CallbackBooked', 'CallbackRescheduled']);
  });
});
