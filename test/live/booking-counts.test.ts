import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reservation, WantedBooking } from '../../src/commands/booking-limits.ts';
import { callbackStream } from '../../src/domain/callback/events.ts';
import type { DomainEvent } from '../../src/domain/catalogue.ts';
import type { Actor, Recorded } from '../../src/domain/kit/events.ts';
import { bookingCounts } from '../../src/live/booking-counts.ts';
import { samples } from '../eventstore/samples.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const NOON = Date.parse('2026-03-02T12:00:00.000Z');

const limits = { immediatePerNumberPerDay: 2, bookingsPerQueuePerMinute: 3 };
const hashOf = (client: string, number: string) => (day: number) => `${client} ${day} ${number}`;
type Wish = { client?: string; queue?: string; number?: string | null; id?: string; now?: number };
const wanted = ({ client = 'k1', queue = 'q1', number = 'n1', id = randomUUID(), now = NOON }: Wish): WantedBooking => ({
  ...{ client, queue, limits, callbackId: id, now, numberOn: number === null ? null : hashOf(client, number) },
});
const bookedBy = ({ client, queue, callbackId, numberOn, now }: WantedBooking, kind: Actor['kind'] = 'client'): Recorded<DomainEvent> => {
  const { numberHash: _, ...data } = samples.CallbackBooked;
  const numberHash = numberOn?.(Math.floor(now / DAY));
  return {
    ...{ id: randomUUID(), type: 'CallbackBooked', streamId: callbackStream(callbackId), revision: 0n, position: 1n },
    data: { ...data, queue, ...(numberHash === undefined ? {} : { numberHash }), at: new Date(now).toISOString() },
    metadata: { version: 1, correlationId: 'c', causationId: 'c', commandId: 'c', actor: { kind, id: client, name: client } },
  };
};
const open = () => {
  const counts = bookingCounts();
  const ask = (wish: Wish = {}): Reservation => counts.reserve(wanted(wish));
  const book = (wish: Wish = {}): boolean => {
    const room = ask(wish);
    if (room.ok) room.keep();
    return room.ok;
  };
  /** Another node's booking, as the log tells of it. */
  const hear = (wish: Wish = {}) => counts.apply(bookedBy(wanted(wish)));
  return { counts, ask, book, hear };
};
const waitOf = (room: Reservation) => (room.ok ? 0 : room.refusal.retryAfterSeconds);

describe('what an API key may book', () => {
  it('is so many immediate callbacks of a number in 24 hours, and again when the first of them is that old', () => {
    const { book, ask } = open();
    expect([book(), book({ now: NOON + MINUTE }), book({ now: NOON + 2 * MINUTE })]).toEqual([true, true, false]);
    const refused = ask({ now: NOON + 2 * MINUTE + 1 });
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'LIMIT_REACHED', limit: 'number' } });
    expect(waitOf(refused)).toBe((DAY - 2 * MINUTE) / 1000);
    expect([book({ now: NOON + DAY - 1 }), book({ now: NOON + DAY }), book({ now: NOON + DAY })]).toEqual([false, true, false]);
  });

  it('is so many callbacks of a queue in a minute, of whatever number and kind', () => {
    const { book, ask } = open();
    expect([book({ number: 'a' }), book({ number: null }), book({ number: 'b' }), book({ number: 'c' })]).toEqual([
      true,
      true,
      true,
      false,
    ]);
    const refused = ask({ number: null, now: NOON + 1_500 });
    expect(refused).toMatchObject({ refusal: { limit: 'queue', retryAfterSeconds: 59 } });
    expect([book({ number: null, now: NOON + MINUTE - 1 }), book({ number: null, now: NOON + MINUTE })]).toEqual([false, true]);
  });

  it('leaves what another key may book as it is, and other queues and numbers', () => {
    const { book } = open();
    for (let one = 0; one < 3; one += 1) book({ number: null });
    expect(book({ number: null })).toBe(false);
    expect([book({ number: null, client: 'k2' }), book({ number: null, queue: 'q2' })]).toEqual([true, true]);
    for (const queue of ['a', 'b']) book({ queue });
    expect(book({ queue: 'c' })).toBe(false);
    expect([book({ queue: 'c', number: 'n2' }), book({ queue: 'c', client: 'k2' })]).toEqual([true, true]);
  });

  it('counts a number that is booked around midnight, also what is in flight then', () => {
    const midnight = Date.parse('2026-03-03T00:00:00.000Z');
    const { book, ask } = open();
    book({ now: midnight - 2 });
    const flying = ask({ now: midnight - 1 });
    expect(book({ now: midnight + 1 })).toBe(false);
    if (flying.ok) flying.release();
    expect([book({ now: midnight + 1 }), book({ now: midnight + 2 })]).toEqual([true, false]);
  });

  it('isn’t touched by what a user or a process books', () => {
    const { counts, book } = open();
    for (const kind of ['user', 'process'] as const) for (let one = 0; one < 5; one += 1) counts.apply(bookedBy(wanted({}), kind));
    expect(book()).toBe(true);
  });

  it('counts what other nodes booked', () => {
    const { book, hear } = open();
    hear();
    hear({ now: NOON + 5 });
    expect(book({ now: NOON + 10 })).toBe(false);
  });

  it('may be nothing at all', () => {
    const counts = bookingCounts();
    const none = { immediatePerNumberPerDay: 0, bookingsPerQueuePerMinute: 0 };
    expect(counts.reserve({ ...wanted({}), limits: none })).toMatchObject({ ok: false, refusal: { retryAfterSeconds: DAY / 1000 } });
  });
});

describe('a booking', () => {
  it('counts from its decision on, and no more once it is refused', () => {
    const { ask, book } = open();
    const first = ask();
    const second = ask();
    expect([first.ok, second.ok, book()]).toEqual([true, true, false]);
    if (second.ok) second.release();
    expect([book(), book()]).toEqual([true, false]);
  });

  it('counts once, whether the log tells of it before or after its answer', () => {
    const { counts, ask, book } = open();
    for (const isToldFirst of [true, false]) {
      const wish = wanted({ number: isToldFirst ? 'early' : 'late', queue: String(isToldFirst) });
      const room = counts.reserve(wish);
      if (isToldFirst) counts.apply(bookedBy(wish));
      if (room.ok) room.keep();
      if (!isToldFirst) counts.apply(bookedBy(wish));
      const again = { number: isToldFirst ? 'early' : 'late', queue: String(isToldFirst) };
      expect([book(again), ask(again).ok]).toEqual([true, false]);
    }
  });

  it('whose answer was lost counts as soon as the log tells of it', () => {
    const { counts, book } = open();
    const wish = wanted({});
    const room = counts.reserve(wish);
    if (room.ok) room.release();
    counts.apply(bookedBy(wish));
    expect([book(), book()]).toEqual([true, false]);
  });

  it('asked for twice at once under one Idempotency-Key counts once', () => {
    const { counts, book } = open();
    const wish = wanted({});
    const [one, other] = [counts.reserve(wish), counts.reserve(wish)];
    if (one.ok) one.keep();
    counts.apply(bookedBy(wish));
    if (other.ok) other.release();
    expect([book(), book()]).toEqual([true, false]);
  });
});

it('never lets more through than the limit, and its wait is the shortest that holds: against an oracle that remembers everything', () => {
  const wish = fc.record({
    client: fc.constantFrom('k1', 'k2'),
    queue: fc.constantFrom('q1', 'q2'),
    number: fc.constantFrom('n1', 'n2', null),
    stepMs: fc.oneof(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 0, max: DAY })),
    fate: fc.constantFrom('kept', 'released', 'heard'),
  });
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 60 }), (wishes) => {
      const counts = bookingCounts();
      const booked: { client: string; queue: string; number: string | null; at: number }[] = [];
      const hasRoom = ({ client, queue, number }: { client: string; queue: string; number: string | null }, now: number): boolean => {
        const own = booked.filter((one) => one.client === client);
        const ofQueue = own.filter((one) => one.queue === queue && one.at > now - MINUTE).length;
        const ofNumber = number === null ? 0 : own.filter((one) => one.number === number && one.at > now - DAY).length;
        return ofQueue < limits.bookingsPerQueuePerMinute && ofNumber < limits.immediatePerNumberPerDay;
      };
      let now = NOON;
      for (const { stepMs, fate, ...one } of wishes) {
        now += stepMs;
        const asked = wanted({ ...one, now });
        if (fate === 'heard') {
          counts.apply(bookedBy(asked));
          booked.push({ ...one, at: now });
          continue;
        }
        const room = counts.reserve(asked);
        expect(room.ok).toBe(hasRoom(one, now));
        if (!room.ok) {
          const { retryAfterSeconds } = room.refusal;
          expect(hasRoom(one, now + retryAfterSeconds * 1000)).toBe(true);
          expect(hasRoom(one, now + (retryAfterSeconds - 1) * 1000)).toBe(false);
          continue;
        }
        if (fate === 'released') {
          room.release();
          continue;
        }
        room.keep();
        counts.apply(bookedBy(asked));
        booked.push({ ...one, at: now });
      }
    }),
    { numRuns: 300 },
  );
});

it('forgets what counts no more: days of many numbers leave no more behind than the last', () => {
  const { counts, hear } = open();
  const day = (n: number) => {
    for (let one = 0; one < 1_000; one += 1) hear({ number: `n${one}`, queue: `q${one}`, now: NOON + n * DAY + one });
  };
  day(0);
  const first = counts.size();
  for (let n = 1; n < 30; n += 1) day(n);
  expect(first).toBe(2_000);
  expect(counts.size()).toBeLessThanOrEqual(4_000);
});
