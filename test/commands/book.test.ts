import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bookCallback } from '../../src/commands/book.ts';
import { slotOf } from '../../src/domain/time/slots.ts';
import { type Desk, idOf, NOW, openDesk, SOON, typesOf } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const slot = slotOf(SOON, 15, 'UTC');
/** An Idempotency-Key of its own for each test. */
const newKey = () => {
  const key = randomUUID();
  return (body = 'body') => ({ owner: 'k-1', key, body });
};

describe('booking', () => {
  it('an immediate callback puts it in line, with what it was booked with', async () => {
    const { deps, request, queue } = desk.deskFor();
    const booked = await bookCallback(deps, request({ userData: { colour: 'green' } }), desk.context());
    const history = await desk.historyOf(idOf(booked));
    expect(typesOf(history)).toEqual(['CallbackBooked', 'CallbackQueued']);
    expect(history[0]?.data).toMatchObject({
      queue,
      kind: 'IMMEDIATE',
      phoneNumber: '+12125550123',
      userData: { colour: 'green' },
      hold: null,
    });
    expect(booked).toMatchObject({ ok: true, position: history[1]?.position });
  });
  it('a scheduled one takes its place first', async () => {
    const { deps, request, placesAt } = desk.deskFor();
    const id = idOf(await bookCallback(deps, request({ desiredTime: SOON }), desk.context()));
    const [booked] = await desk.historyOf(id);
    const [holdId] = [...(await placesAt(SOON)).keys()];
    expect(booked?.data).toMatchObject({ kind: 'SCHEDULED', hold: { holdId }, capacityChecked: false });
  });
  it('gives every callback a key of its own', async () => {
    const { deps, request } = desk.deskFor();
    const keyIds = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const [booked] = await desk.historyOf(idOf(await bookCallback(deps, request(), desk.context())));
        return booked?.type === 'CallbackBooked' ? booked.data.keyId : undefined;
      }),
    );
    expect(new Set(keyIds).size).toBe(4);
  });

  it('takes no key of its own for what was refused or repeated', async () => {
    const taken = new Set<string>();
    const { deps, request } = desk.deskFor({ slotCapacity: 1 });
    const takeKey = async () => {
      const key = await deps.keys.takeKey();
      taken.add(key.keyId);
      return key;
    };
    const book = (some: Parameters<typeof request>[0]) =>
      bookCallback({ ...deps, keys: { ...deps.keys, takeKey } }, request(some), desk.context());
    const [now, later] = [newKey(), newKey()];
    const checked = { desiredTime: SOON, alwaysCheckCapacity: true };
    const results = [
      await book({ idempotency: now() }),
      await book({ idempotency: now() }),
      await book({ idempotency: now('another body') }),
      await book({ ...checked, idempotency: later() }),
      await book({ ...checked, idempotency: later() }),
      await book(checked),
      await book({}),
    ];
    expect(results.map(({ ok }) => ok)).toEqual([true, true, false, true, true, false, true]);
    const ids = new Set(results.flatMap((result) => (result.ok ? [result.id] : [])));
    const keyIds = await Promise.all(
      [...ids].map(async (id) => (await desk.historyOf(id)).flatMap(({ data }) => ('keyId' in data ? [data.keyId] : []))[0]),
    );
    expect(new Set(keyIds).size).toBe(3);
    expect(taken).toEqual(new Set(keyIds));
  });

  it.each([
    ['one that can’t be read', { phoneNumber: 'hello' }, { code: 'INVALID_NUMBER' }],
    ['one that can’t be', { phoneNumber: '+1212' }, { code: 'IMPOSSIBLE_NUMBER' }],
    ['a premium one', { phoneNumber: '+19002345678' }, { code: 'NUMBER_NOT_ALLOWED' }],
    ['the default row', { queue: 'default' }, { code: 'UNKNOWN_QUEUE' }],
    ['a queue that is not there', { queue: 'nowhere' }, { code: 'UNKNOWN_QUEUE' }],
    ['a time too far back', { desiredTime: NOW - 120_001 }, { code: 'DESIRED_TIME_PAST' }],
  ])('%s is refused, and leaves no event', async (_, some, refusal) => {
    const { deps, request } = desk.deskFor();
    const before = await desk.store.lastPosition();
    expect(await bookCallback(deps, request(some), desk.context())).toEqual({ ok: false, refusal });
    expect(await desk.store.lastPosition()).toBe(before);
  });
  it('a time just past is now, and one ahead is scheduled', async () => {
    const { deps, request } = desk.deskFor();
    const kindOf = async (some: Parameters<typeof request>[0]) => {
      const [booked] = await desk.historyOf(idOf(await bookCallback(deps, request(some), desk.context())));
      return booked?.type === 'CallbackBooked' && booked.data.kind;
    };
    expect(await kindOf({ desiredTime: NOW - 120_000 })).toBe('IMMEDIATE');
    expect(await kindOf({ desiredTime: NOW })).toBe('IMMEDIATE');
    expect(await kindOf({ desiredTime: NOW + 1 })).toBe('SCHEDULED');
    expect(await kindOf({ desiredTime: NOW - 60_000, alwaysCheckCapacity: true })).toBe('SCHEDULED');
  });
});

describe('a capacity that is to be checked', () => {
  it('holds against 64 contenders for 5 places', async () => {
    const { deps, request, loadOf } = desk.deskFor({ slotCapacity: 5 });
    const wish = request({ desiredTime: SOON, alwaysCheckCapacity: true });
    const answers = await Promise.all(Array.from({ length: 64 }, () => bookCallback(deps, wish, desk.context())));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(5);
    expect(answers.find(({ ok }) => !ok)).toEqual({
      ok: false,
      refusal: { code: 'SLOT_FULL', queue: wish.queue, desiredTime: SOON, position: expect.any(BigInt) },
    });
    expect(await loadOf(slot)).toBe(5);
  });
  it('holds against contenders on two nodes', async () => {
    const { deps, request, loadOf } = desk.deskFor({ slotCapacity: 5 });
    const { placeTaker } = await import('../../src/commands/places.ts');
    const other = { ...deps, places: placeTaker(deps.store, deps.configuration) };
    const wish = request({ desiredTime: SOON, alwaysCheckCapacity: true });
    const answers = await Promise.all(Array.from({ length: 16 }, (_, n) => bookCallback(n % 2 ? deps : other, wish, desk.context())));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(5);
    expect(await loadOf(slot)).toBe(5);
  });
  it('is not asked by those who didn’t ask, and they count', async () => {
    const { deps, request, loadOf } = desk.deskFor({ slotCapacity: 1 });
    await Promise.all([1, 2, 3].map(() => bookCallback(deps, request({ desiredTime: SOON }), desk.context())));
    expect(await loadOf(slot)).toBe(3);
    const refused = await bookCallback(deps, request({ desiredTime: SOON, alwaysCheckCapacity: true }), desk.context());
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'SLOT_FULL' } });
  });
  it('is that of the moment, and counts slot by slot', async () => {
    const { deps, request, configure } = desk.deskFor({ slotCapacity: 0 });
    const wish = (desiredTime: number) => bookCallback(deps, request({ desiredTime, alwaysCheckCapacity: true }), desk.context());
    expect((await wish(SOON)).ok).toBe(false);
    configure({ slotCapacity: 1 });
    expect([(await wish(SOON)).ok, (await wish(SOON)).ok, (await wish(slot.end)).ok]).toEqual([true, false, true]);
  });
});

describe('booking again under the same Idempotency-Key', () => {
  it.each([
    ['immediate', {}],
    ['scheduled', { desiredTime: SOON }],
  ])('at once, %s, gives one callback and one place', async (_, some) => {
    const { deps, request, placesAt } = desk.deskFor({ slotCapacity: 50 });
    const key = newKey();
    const wish = request({ ...some, idempotency: key() });
    const answers = await Promise.all(Array.from({ length: 8 }, () => bookCallback(deps, wish, desk.context())));
    expect(new Set(answers.map(idOf)).size).toBe(1);
    const [answer] = answers;
    expect(typesOf(await desk.historyOf(answer ? idOf(answer) : '')).filter((type) => type === 'CallbackBooked')).toHaveLength(1);
    expect((await placesAt(SOON)).size).toBe('desiredTime' in some ? 1 : 0);
  });
  it('at once, for the last place of a slot, answers the same callback to each', async () => {
    const { deps, request, placesAt } = desk.deskFor({ slotCapacity: 1 });
    const key = newKey();
    const wish = request({ desiredTime: SOON, alwaysCheckCapacity: true, idempotency: key() });
    const answers = await Promise.all(Array.from({ length: 8 }, () => bookCallback(deps, wish, desk.context())));
    expect(new Set(answers.map(idOf)).size).toBe(1);
    expect((await placesAt(SOON)).size).toBe(1);
  });
  it('later answers the same callback, and appends nothing', async () => {
    const { deps, request } = desk.deskFor();
    const key = newKey();
    const wish = request({ desiredTime: SOON, idempotency: key() });
    const first = await bookCallback(deps, wish, desk.context());
    const before = await desk.store.lastPosition();
    expect(await bookCallback(deps, wish, desk.context())).toEqual({ ...first, repeats: true });
    expect(await desk.store.lastPosition()).toBe(before);
  });
  it('after its time has passed answers the same callback', async () => {
    const { deps, request } = desk.deskFor();
    const key = newKey();
    const wish = request({ desiredTime: SOON, idempotency: key() });
    const first = idOf(await bookCallback(deps, wish, desk.context()));
    const clock = { ...deps.clock, now: () => SOON + 3_600_000 };
    expect(idOf(await bookCallback({ ...deps, clock }, wish, desk.context()))).toBe(first);
    const other = request({ desiredTime: SOON, idempotency: key('other') });
    expect(await bookCallback({ ...deps, clock }, other, desk.context())).toEqual({
      ok: false,
      refusal: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
  });
  it.each([
    ['immediate', {}],
    ['scheduled', { desiredTime: SOON }],
  ])('with another body, %s, is refused', async (_, some) => {
    const { deps, request, loadOf } = desk.deskFor();
    const key = newKey();
    await bookCallback(deps, request({ ...some, idempotency: key() }), desk.context());
    const before = await loadOf(slot);
    const answer = await bookCallback(deps, request({ ...some, idempotency: key('other') }), desk.context());
    expect(answer).toEqual({ ok: false, refusal: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    expect(await loadOf(slot)).toBe(before);
  });
  it('by another owner is another callback', async () => {
    const { deps, request } = desk.deskFor();
    const book = (owner: string) => bookCallback(deps, request({ idempotency: { owner, key: 'same', body: 'body' } }), desk.context());
    expect(idOf(await book('k-1'))).not.toBe(idOf(await book('k-2')));
  });
});
