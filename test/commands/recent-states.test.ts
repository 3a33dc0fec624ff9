import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fold, handle } from '../../src/commands/handle.ts';
import { recentStates } from '../../src/commands/recent-states.ts';
import { callbackKind } from '../../src/commands/streams.ts';
import type { CallbackCommand } from '../../src/domain/callback/commands.ts';
import { callbackStream } from '../../src/domain/callback/events.ts';
import { withoutPersonalData } from '../../src/domain/callback/state.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { play, steps } from '../domain/callback/any-commands.ts';
import { immediate, NOW } from '../domain/callback/facts.ts';
import { type Desk, openDesk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

/** A process of its own, as far as what it remembers goes; `reads` counts the streams that it read. */
const processOn = (store: EventStore): { readonly store: EventStore; readonly reads: () => number } => {
  let reads = 0;
  const readStream: EventStore['readStream'] = (...what) => {
    reads += 1;
    return store.readStream(...what);
  };
  return { store: { ...store, readStream }, reads: () => reads };
};
const withKey = (command: CallbackCommand, keyId: string): CallbackCommand =>
  command.type === 'BookCallback' ? { ...command, booking: { ...command.booking, keyId } } : command;
const book = async (store: EventStore): Promise<string> => {
  const [streamId, { keyId }] = [callbackStream(randomUUID()), await desk.keyring.takeKey()];
  const command = withKey({ type: 'BookCallback', booking: immediate, now: NOW }, keyId);
  expect(await handle(store, callbackKind, streamId, command, desk.context(), 'no-stream')).toMatchObject({ ok: true });
  return streamId;
};

it('whatever processes ask of a callback by turns, each remembering what it appended, is decided as on the stream itself', async () => {
  const [a, b] = [processOn(desk.store), processOn(desk.store)];
  await fc.assert(
    fc.asyncProperty(steps, fc.infiniteStream(fc.boolean()), async (given, turns) => {
      const [streamId, { keyId }] = [callbackStream(randomUUID()), await desk.keyring.takeKey()];
      const expected: { command: CallbackCommand; decided: unknown }[] = [];
      play(given, ({ command, before, events }) => {
        const decision = callbackKind.decider.decide(command, before);
        expected.push({ command, decided: decision.ok ? events.map(({ type }) => type) : decision.refusal });
      });
      for (const { command, decided } of expected) {
        const { store } = turns.next().value ? a : b;
        const handled = await handle(store, callbackKind, streamId, withKey(command, keyId), desk.context());
        expect(handled.ok ? handled.events.map(({ type }) => type) : handled.refusal).toEqual(decided);
      }
    }),
    { numRuns: 60 },
  );
});

it('a process reads a callback once, and goes on without a read while nobody else appends to it', async () => {
  const { store, reads } = processOn(desk.store);
  const streamId = await book(store);
  const attemptId = `${streamId.slice('callback-'.length)}.1`;
  const ask = (command: CallbackCommand) => handle(store, callbackKind, streamId, command, desk.context());
  expect(await ask({ type: 'StartAttempt', attemptId, attempt: 1, region: null, placeBy: NOW, now: NOW })).toMatchObject({ ok: true });
  const afterFirst = reads();
  expect(await ask({ type: 'RecordPlaced', attemptId, now: NOW })).toMatchObject({ ok: true });
  expect(await ask({ type: 'ReportAnswered', attemptId, reportedAt: null, now: NOW })).toMatchObject({ ok: true });
  expect([afterFirst, reads()]).toEqual([1, 1]);
});

it('a refusal, or a command with nothing to do, is decided on what the stream holds, not on what is remembered', async () => {
  const [a, b] = [processOn(desk.store), processOn(desk.store)];
  const streamId = await book(a.store);
  const ask = (store: EventStore, command: CallbackCommand) => handle(store, callbackKind, streamId, command, desk.context());
  const attemptId = `${streamId.slice('callback-'.length)}.1`;
  await ask(a.store, { type: 'StartAttempt', attemptId, attempt: 1, region: null, placeBy: NOW, now: NOW });
  await ask(b.store, { type: 'CancelCallback', by: 'user', now: NOW });
  expect(await ask(a.store, { type: 'PurgeCallback', reason: 'PURGED_TIMEOUT', enteredBefore: NOW, now: NOW })).toMatchObject({
    ok: true,
    events: [],
    state: { state: 'COMPLETED' },
  });
});

it('a callback without its personal data is as it is folded without opening it', async () => {
  const streamId = await book(desk.store);
  const [opened, closed] = [await fold(desk.store, callbackKind, streamId, true), await fold(desk.store, callbackKind, streamId)];
  if (opened.state.state === 'NONE') throw new Error('it isn’t booked');
  expect(opened.state.phoneNumber).toBe(immediate.phoneNumber);
  expect({ ...opened, state: withoutPersonalData(opened.state) }).toEqual(closed);
});

it('as many states are kept as there is room for, the newest, each store’s apart', () => {
  const recent = recentStates<number>(2);
  const [one, other] = [{ ...desk.store }, { ...desk.store }];
  const folded = (state: number) => ({ state, revision: 0n, position: 0n });
  for (const [index, stream] of ['s-1', 's-2', 's-1', 's-3'].entries()) recent.note(one, stream, folded(index));
  expect(['s-1', 's-2', 's-3'].map((stream) => recent.recall(one, stream)?.state)).toEqual([2, undefined, 3]);
  expect(recent.recall(other, 's-1')).toBeUndefined();
  recent.note(one, 's-1', undefined);
  expect(recent.recall(one, 's-1')).toBeUndefined();
});
