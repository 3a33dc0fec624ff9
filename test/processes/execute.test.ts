import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bookCallback } from '../../src/commands/book.ts';
import { handle } from '../../src/commands/handle.ts';
import { callbackKind } from '../../src/commands/streams.ts';
import { attemptIdOf, callbackStream } from '../../src/domain/callback/events.ts';
import { DISPATCH_STREAM } from '../../src/domain/dispatch/events.ts';
import { execute } from '../../src/processes/execute.ts';
import { type Desk, idOf, openDesk, typesOf } from '../commands/desk.ts';
import { all } from '../eventstore/door.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

describe('a decision that lapses', () => {
  const decided = async () => {
    const { deps, request, queue } = desk.deskFor();
    const callbackId = idOf(await bookCallback(deps, request(), desk.context()));
    const now = new Date(desk.clock.now()).toISOString();
    const attempt = { attemptId: attemptIdOf(callbackId, 1), attempt: 1, region: null, placeBy: now };
    const change = (command: Parameters<typeof callbackKind.decider.decide>[0]) =>
      handle(deps.store, callbackKind, callbackStream(callbackId), command, desk.context());
    const carryOut = execute({
      ...{ store: deps.store, configuration: deps.configuration, clock: desk.clock, estimatedWait: () => null, nextPosition: () => 1 },
      connector: { withdraw: () => Promise.reject(new Error('nothing is to be withdrawn')) },
    });
    const decision = { queue, callbackId, ...attempt, basedOn: { readyAgents: 1, inFlight: 0 }, at: now };
    const lapse = () => carryOut({ type: 'LapseAttempt', decision }, desk.context());
    const voided = async () => {
      const facts = await all(desk.store.readStream(DISPATCH_STREAM));
      return facts.filter(({ type, data }) => type === 'AttemptVoided' && data.callbackId === callbackId).length;
    };
    return { callbackId, now, attempt, change, lapse, voided };
  };

  it('puts its callback in line again, uncounted, and does nothing when repeated', async () => {
    const { callbackId, lapse, voided } = await decided();
    await lapse();
    await lapse();
    const types = ['CallbackBooked', 'CallbackQueued', 'CallbackAttemptStarted', 'CallbackAttemptFailed', 'CallbackRequeued'];
    expect(typesOf(await desk.historyOf(callbackId))).toEqual(types);
    expect(await voided()).toBe(0);
  });

  it('is not voided when its start came before', async () => {
    const { callbackId, now, attempt, change, lapse, voided } = await decided();
    await change({ type: 'StartAttempt', ...attempt, now });
    await lapse();
    expect(typesOf(await desk.historyOf(callbackId))).toEqual(['CallbackBooked', 'CallbackQueued', 'CallbackAttemptStarted']);
    expect(await voided()).toBe(0);
  });

  it('is voided when its callback waits no more', async () => {
    const { now, change, lapse, voided } = await decided();
    await change({ type: 'CancelCallback', by: 'client', now });
    await lapse();
    expect(await voided()).toBe(1);
  });
});
