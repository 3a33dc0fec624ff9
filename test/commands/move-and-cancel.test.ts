import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bookCallback } from '../../src/commands/book.ts';
import { cancelCallback } from '../../src/commands/cancel.ts';
import { placeTaker } from '../../src/commands/places.ts';
import { rescheduleCallback } from '../../src/commands/reschedule.ts';
import { slotOf } from '../../src/domain/time/slots.ts';
import { type Desk, idOf, LATER, NOW, openDesk, SOON, typesOf } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const [here, there] = [SOON, LATER].map((instant) => slotOf(instant, 15, 'UTC'));
const setUp = async (slotCapacity = 5) => {
  const setup = desk.deskFor({ slotCapacity });
  const { deps, request, loadOf } = setup;
  const book = async (desiredTime = SOON) => idOf(await bookCallback(deps, request({ desiredTime }), desk.context()));
  const move = (id: string, desiredTime = LATER, checked = true) => rescheduleCallback(deps, id, { desiredTime, checked }, desk.context());
  const loads = async () => [here && (await loadOf(here)), there && (await loadOf(there))];
  return { ...setup, book, move, loads, id: await book() };
};

describe('rescheduling', () => {
  it('moves the place with the callback', async () => {
    const { id, move, loads } = await setUp();
    expect(await loads()).toEqual([1, 0]);
    expect(await move(id)).toMatchObject({ ok: true });
    expect(await loads()).toEqual([0, 1]);
    expect(typesOf(await desk.historyOf(id))).toEqual(['CallbackBooked', 'CallbackRescheduled']);
  });
  it('to where there is no place is refused, and leaves it where it was', async () => {
    const { id, book, move, loads, queue } = await setUp(1);
    await book(LATER);
    expect(await move(id)).toEqual({ ok: false, refusal: { code: 'SLOT_FULL', queue, desiredTime: LATER, position: expect.any(BigInt) } });
    expect(await loads()).toEqual([1, 1]);
    expect(typesOf(await desk.historyOf(id))).toEqual(['CallbackBooked']);
    expect(await move(id, LATER, false)).toMatchObject({ ok: true });
    expect(await loads()).toEqual([0, 2]);
  });
  it('within its own slot does not contend with itself', async () => {
    const { id, move, loads } = await setUp(1);
    expect(await move(id, SOON + 60_000)).toMatchObject({ ok: true });
    expect(await loads()).toEqual([1, 0]);
  });
  it('to the same time does nothing', async () => {
    const { id, move } = await setUp();
    const before = await desk.store.lastPosition();
    expect(await move(id, SOON)).toMatchObject({ ok: true, position: (await desk.historyOf(id))[0]?.position });
    expect(await desk.store.lastPosition()).toBe(before);
  });
  it('twice at once ends in one place', async () => {
    const { id, move, loads } = await setUp();
    const answers = await Promise.all([move(id), move(id), move(id)]);
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(await loads()).toEqual([0, 1]);
  });
  it('of several to one free place: one gets it, the others stay', async () => {
    const { id, book, move, loads } = await setUp(1);
    const ids = [id, ...(await Promise.all([book(), book(), book()]))];
    const answers = await Promise.all(ids.map((one) => move(one)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await loads()).toEqual([3, 1]);
  });
  it.each([
    ['what nobody booked', async () => 'nobody', { code: 'UNKNOWN_CALLBACK' }],
    ['one that waits already', 'immediate', { code: 'STATE_FORBIDS', state: 'QUEUED', action: 'reschedule' }],
  ] as const)('%s is refused, and takes no place', async (_, which, refusal) => {
    const { deps, request, move, loads } = await setUp();
    const id = which === 'immediate' ? idOf(await bookCallback(deps, request(), desk.context())) : await which();
    expect(await move(id)).toEqual({ ok: false, refusal });
    expect(await loads()).toEqual([1, 0]);
  });
  it('into the past is refused', async () => {
    const { id, move } = await setUp();
    expect(await move(id, NOW)).toEqual({ ok: false, refusal: { code: 'DESIRED_TIME_PAST' } });
  });
});

describe('cancelling', () => {
  it('gives the place back', async () => {
    const { id, deps, loads } = await setUp();
    const cancelled = await cancelCallback(deps, id, 'user', desk.context());
    const history = await desk.historyOf(id);
    expect(cancelled).toEqual({ ok: true, position: history[1]?.position });
    expect(typesOf(history)).toEqual(['CallbackBooked', 'CallbackCancelled']);
    expect(await loads()).toEqual([0, 0]);
  });
  it('gives the place back though others come before it every time', async () => {
    let others = 0;
    const { deps, request, store, loadOf } = desk.deskFor({}, (real) => ({
      ...real,
      append: async (streamId, events, expected, context) => {
        if (events[0]?.type === 'PlaceGivenBack' && expected !== 'any') {
          others++;
          await bookCallback(
            { ...deps, store: real, places: placeTaker(real, deps.configuration) },
            request({ desiredTime: LATER }),
            desk.context(),
          );
        }
        return real.append(streamId, events, expected, context);
      },
    }));
    const id = idOf(await bookCallback(deps, request({ desiredTime: SOON }), desk.context()));
    expect(await cancelCallback({ ...deps, store }, id, 'client', desk.context())).toMatchObject({ ok: true });
    expect(others).toBeGreaterThan(5);
    expect([here && (await loadOf(here)), there && (await loadOf(there))]).toEqual([0, others]);
  });
  it('against a move at once leaves no place held', async () => {
    const { id, deps, move, loads } = await setUp();
    await Promise.all([move(id), cancelCallback(deps, id, 'client', desk.context())]);
    expect(await loads()).toEqual([0, 0]);
    expect((await desk.historyOf(id)).at(-1)?.type).toBe('CallbackCancelled');
  });
  it('many times at once happens once', async () => {
    const { id, deps } = await setUp();
    const answers = await Promise.all([1, 2, 3, 4].map(() => cancelCallback(deps, id, 'user', desk.context())));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(typesOf(await desk.historyOf(id))).toEqual(['CallbackBooked', 'CallbackCancelled']);
  });
  it('what nobody booked is refused', async () => {
    const { deps } = await setUp();
    expect(await cancelCallback(deps, 'nobody', 'user', desk.context())).toEqual({ ok: false, refusal: { code: 'UNKNOWN_CALLBACK' } });
  });
});
