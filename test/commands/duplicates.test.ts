import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BookingRequest, bookCallback } from '../../src/commands/book.ts';
import { cancelCallback } from '../../src/commands/cancel.ts';
import { numberIn, releaseNumber } from '../../src/commands/claim-number.ts';
import { handle } from '../../src/commands/handle.ts';
import { lapseClaim, type PendingClaim } from '../../src/commands/lapse.ts';
import { callbackKind } from '../../src/commands/streams.ts';
import { callbackStream, isCallbackStream } from '../../src/domain/callback/events.ts';
import { columns, type OwnSettings } from '../../src/domain/configuration/columns.ts';
import { duplicatesStream } from '../../src/domain/duplicates/events.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { all } from '../eventstore/door.ts';
import { deferred } from '../support/deferred.ts';
import { type Desk, idOf, NOW, openDesk, SOON, typesOf } from './desk.ts';

const NUMBER = '+12125550123';
const CRASH = 'the process is gone';
const now = new Date(NOW + 30_000).toISOString();

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const checking = (duplicates: 'off' | 'max2' | 'strict'): OwnSettings => ({ checks: columns.checks.parse({ duplicates }) });

/** A queue that looks for duplicates, and who books there; `wrapped` loses or holds back appends. */
const queueWith = (duplicates: 'off' | 'max2' | 'strict', wrapped?: (store: EventStore) => EventStore, some: OwnSettings = {}) => {
  const { deps, request, queue, configure } = desk.deskFor({ ...checking(duplicates), ...some }, wrapped);
  const book = (wish: Partial<BookingRequest> = {}) => bookCallback(deps, request(wish), desk.context());
  const asUser = (wish: Partial<BookingRequest> = {}) =>
    bookCallback(deps, request(wish), { ...desk.context(), actor: { kind: 'user', id: 'u', name: 'ann' } });
  const factsOf = (number = NUMBER) => all(desk.store.readStream(duplicatesStream(queue, numberIn(deps.keys.hash, queue, number))));
  const pending = async (): Promise<PendingClaim[]> =>
    (await factsOf()).flatMap(({ type, data }) => {
      if (type !== 'NumberClaimed') return [];
      const { callbackId, claimId, number, decidedAt } = data;
      return [{ queue, callbackId, claim: { claimId, number }, decidedAt }];
    });
  const change = (id: string, command: Parameters<typeof callbackKind.decider.decide>[0]) =>
    handle(desk.store, callbackKind, callbackStream(id), command, desk.context());
  return { deps, queue, configure, book, asUser, factsOf, pending, change, request };
};
const duplicate = { ok: false, refusal: { code: 'DUPLICATE' } };
const lapse = (one: PendingClaim) => lapseClaim(desk.store, one, now, desk.context());
const only = ([one, ...others]: readonly PendingClaim[]): PendingClaim => {
  if (one === undefined || others.length > 0) throw new Error(`${others.length + (one ? 1 : 0)} claims`);
  return one;
};

describe('a number in a queue that takes one open callback of it', () => {
  it('is booked once, and again once that callback is cancelled', async () => {
    const { book, deps, factsOf } = queueWith('strict');
    const id = idOf(await book());
    expect(await book()).toEqual(duplicate);
    expect(await book({ desiredTime: SOON })).toEqual(duplicate);
    await cancelCallback(deps, id, 'client', desk.context());
    expect(typesOf(await factsOf())).toEqual(['NumberClaimed', 'NumberReleased']);
    idOf(await book({ desiredTime: SOON }));
    expect(await book()).toEqual(duplicate);
  });

  it('is booked once by any of 64 who ask at once', async () => {
    for (const desiredTime of [null, SOON]) {
      const { book, factsOf } = queueWith('strict');
      const answers = await Promise.all(Array.from({ length: 64 }, () => book({ desiredTime })));
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
      expect(answers.filter(({ ok }) => !ok)).toEqual(Array.from({ length: 63 }, () => duplicate));
      expect(typesOf(await factsOf())).toEqual(['NumberClaimed']);
    }
  });

  it('is booked again as soon as its callback is over, though nobody came yet to say so of the number', async () => {
    const { book, change } = queueWith('strict');
    const id = idOf(await book());
    await change(id, { type: 'ErasePersonalData', now });
    idOf(await book());
    expect(await book()).toEqual(duplicate);
  });

  it('has nothing to do with another number, nor with the same in another queue', async () => {
    const { book } = queueWith('strict');
    idOf(await book());
    idOf(await book({ phoneNumber: '+12125550124' }));
    idOf(await queueWith('strict').book());
  });

  it('may be written in any way: it is the same number', async () => {
    const { book } = queueWith('strict');
    idOf(await book());
    expect(await book({ phoneNumber: '+1 (212) 555-0123' })).toEqual(duplicate);
  });

  it('answers a repeat under the Idempotency-Key with the callback that the first made', async () => {
    const { book } = queueWith('strict');
    const idempotency = { owner: 'k-1', key: randomUUID(), body: 'body' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => book({ idempotency })));
    expect(new Set(answers.map(idOf)).size).toBe(1);
    expect(idOf(await book({ idempotency }))).toBe(answers[0]?.ok === true ? answers[0].id : '');
    expect(await book({ idempotency: { ...idempotency, body: 'other' } })).toMatchObject({ refusal: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    expect(await book()).toEqual(duplicate);
  });

  it('is free again at once when its place couldn’t be asked for', async () => {
    const { book, deps, request, factsOf } = queueWith('strict');
    const places = () => Promise.reject(new Error(CRASH));
    await expect(bookCallback({ ...deps, places }, request({ desiredTime: SOON }), desk.context())).rejects.toThrow(CRASH);
    expect(typesOf(await factsOf())).toEqual(['NumberClaimed', 'NumberReleased']);
    idOf(await book({ desiredTime: SOON }));
  });

  it('is free again when its booking was refused for another reason', async () => {
    const { book, factsOf } = queueWith('strict', undefined, { slotCapacity: 0 });
    expect(await book({ desiredTime: SOON, alwaysCheckCapacity: true })).toMatchObject({ refusal: { code: 'SLOT_FULL' } });
    expect((await factsOf()).map(({ data }) => 'because' in data && data.because)).toEqual([false, 'REFUSED']);
    idOf(await book());
  });
});

it('a queue that takes two of a number takes two, also of 64 at once', async () => {
  const { book } = queueWith('max2');
  const answers = await Promise.all(Array.from({ length: 64 }, () => book()));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(2);
});

it('a queue that doesn’t look for duplicates takes any, and records nothing of them', async () => {
  const { book, factsOf } = queueWith('off');
  for (let i = 0; i < 3; i++) idOf(await book());
  expect(await factsOf()).toEqual([]);
});

it('users book a number as often as they like, and each of theirs counts against clients', async () => {
  const { asUser, book } = queueWith('strict');
  idOf(await asUser());
  idOf(await asUser());
  expect(await book()).toEqual(duplicate);
});

it('what was booked before the check was switched on doesn’t count, what came after does', async () => {
  const { book, configure } = queueWith('off');
  idOf(await book());
  configure(checking('strict'));
  idOf(await book());
  expect(await book()).toEqual(duplicate);
});

describe('a claim whose booking never came', () => {
  const crashing = (store: EventStore): EventStore => ({
    ...store,
    append: (streamId, ...rest) => (isCallbackStream(streamId) ? Promise.reject(new Error(CRASH)) : store.append(streamId, ...rest)),
  });
  const halting = () => {
    const [reached, go] = [deferred(), deferred()];
    const wrap = (store: EventStore): EventStore => ({
      ...store,
      append: async (streamId, ...rest) => {
        if (isCallbackStream(streamId)) {
          reached.resolve();
          await go.promise;
        }
        return store.append(streamId, ...rest);
      },
    });
    return { wrap, reached: reached.promise, go: go.resolve };
  };

  it('keeps the number until it lapses', async () => {
    const { deps, book, pending, request, factsOf } = queueWith('strict');
    const away = { ...deps, store: crashing(deps.store) };
    await expect(bookCallback(away, request(), desk.context())).rejects.toThrow(CRASH);
    expect(await book()).toEqual(duplicate);
    const claim = only(await pending());
    await Promise.all([lapse(claim), lapse(claim)]);
    expect(typesOf(await factsOf())).toEqual(['NumberClaimed', 'NumberReleased']);
    idOf(await book());
  });

  it('lapses before a slow booking comes: the booking is refused', async () => {
    const slow = halting();
    const { book, pending, factsOf } = queueWith('strict', slow.wrap);
    const booking = book();
    await slow.reached;
    const claim = only(await pending());
    await lapse(claim);
    slow.go();
    expect(await booking).toEqual({ ok: false, refusal: { code: 'HOLD_LAPSED' } });
    expect(typesOf(await desk.historyOf(claim.callbackId))).toEqual(['BookingLapsed']);
    expect(typesOf(await factsOf())).toEqual(['NumberClaimed', 'NumberReleased']);
  });

  it('lapses at the same moment as the booking: exactly one of the two holds', async () => {
    for (let round = 0; round < 8; round++) {
      const slow = halting();
      const { book, pending, factsOf } = queueWith('strict', slow.wrap);
      const booking = book();
      await slow.reached;
      const claim = only(await pending());
      slow.go();
      const [booked] = await Promise.all([booking, lapse(claim)]);
      const history = typesOf(await desk.historyOf(claim.callbackId));
      expect(history).toEqual(booked.ok ? ['CallbackBooked', 'CallbackQueued'] : ['BookingLapsed']);
      expect(typesOf(await factsOf())).toEqual(booked.ok ? ['NumberClaimed'] : ['NumberClaimed', 'NumberReleased']);
    }
  });

  it('stays when its booking came', async () => {
    const { book, pending, factsOf } = queueWith('strict');
    idOf(await book());
    await lapse(only(await pending()));
    expect(typesOf(await factsOf())).toEqual(['NumberClaimed']);
  });

  it('books anew under its Idempotency-Key, at the revision that is there', async () => {
    const { deps, book, pending, request } = queueWith('strict');
    const idempotency = { owner: 'k-1', key: randomUUID(), body: 'body' };
    const away = { ...deps, store: crashing(deps.store) };
    await expect(bookCallback(away, request({ idempotency }), desk.context())).rejects.toThrow(CRASH);
    const claim = only(await pending());
    await lapse(claim);
    const id = idOf(await book({ idempotency }));
    expect(id).toBe(claim.callbackId);
    expect(typesOf(await desk.historyOf(id))).toEqual(['BookingLapsed', 'CallbackBooked', 'CallbackQueued']);
    expect((await pending()).map(({ decidedAt }) => decidedAt)).toEqual([null, 0]);
    expect(await book()).toEqual(duplicate);
  });

  it('is released once, however often', async () => {
    const { book, pending, factsOf, deps } = queueWith('strict');
    const id = idOf(await book());
    const { queue, claim } = only(await pending());
    for (const because of ['CANCELLED', 'ENDED'] as const)
      await releaseNumber(deps.store, { queue, callbackId: id, claim, because, now }, desk.context());
    expect(typesOf(await factsOf())).toEqual(['NumberClaimed', 'NumberReleased']);
  });
});
