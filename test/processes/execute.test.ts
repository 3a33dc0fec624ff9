import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import { bookCallback } from '../../src/commands/book.ts';
import { handle } from '../../src/commands/handle.ts';
import { callbackKind } from '../../src/commands/streams.ts';
import { attemptIdOf, callbackStream } from '../../src/domain/callback/events.ts';
import { DISPATCH_STREAM } from '../../src/domain/dispatch/events.ts';
import { execute } from '../../src/processes/execute.ts';
import { pauseAfter } from '../../src/processes/kit/back-off.ts';
import { type Desk, idOf, openDesk, typesOf } from '../commands/desk.ts';
import { all } from '../eventstore/door.ts';

/** What only the ends of business days need. */
const noDays = {
  unrecordedDay: () => undefined,
  waitingBefore: () => {
    throw new Error('no day ends here');
  },
};

/** What the poller gives an entry. */
const MOST_TRIES = 10;

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

describe('a decision that lapses', () => {
  /** Ids of the decisions, which their starts name as their cause. */
  const [FIRST, SECOND] = ['decision-1', 'decision-2'];
  const decided = async () => {
    const { deps, request, queue } = desk.deskFor();
    const callbackId = idOf(await bookCallback(deps, request(), desk.context()));
    const now = new Date(desk.clock.now()).toISOString();
    const attempt = { attemptId: attemptIdOf(callbackId, 1), attempt: 1, region: null, placeBy: now };
    const change = (command: Parameters<typeof callbackKind.decider.decide>[0]) =>
      handle(deps.store, callbackKind, callbackStream(callbackId), command, { ...desk.context(), causationId: FIRST });
    const carryOut = execute({
      ...{ store: deps.store, configuration: deps.configuration, clock: desk.clock, estimatedWait: () => null, nextPosition: () => 1 },
      ...noDays,
      connector: { withdraw: () => Promise.reject(new Error('nothing is to be withdrawn')) },
    });
    const decision = { queue, callbackId, ...attempt, basedOn: { readyAgents: 1, inFlight: 0 }, at: now };
    const lapse = (decided = FIRST) => carryOut({ type: 'LapseAttempt', decision }, { ...desk.context(), causationId: decided });
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

  it('is voided when the same attempt was begun and given up by an earlier decision, before this one was made', async () => {
    const { lapse, voided } = await decided();
    await lapse(FIRST);
    await lapse(SECOND);
    expect(await voided()).toBe(1);
  });

  it('is voided when its callback waits no more', async () => {
    const { now, change, lapse, voided } = await decided();
    await change({ type: 'CancelCallback', by: 'client', now });
    await lapse();
    expect(await voided()).toBe(1);
  });
});

describe('a withdrawal', () => {
  const ringing = async (status: number) => {
    const { deps, request } = desk.deskFor();
    const callbackId = idOf(await bookCallback(deps, request(), desk.context()));
    const attemptId = attemptIdOf(callbackId, 1);
    const [now, placeBy] = [iso(desk.clock.now()), iso(desk.clock.now() + 10_000)];
    const change = (command: Parameters<typeof callbackKind.decider.decide>[0]) =>
      handle(deps.store, callbackKind, callbackStream(callbackId), command, desk.context());
    await change({ type: 'StartAttempt', attemptId, attempt: 1, region: null, placeBy, now });
    const carryOut = execute({
      ...{ store: deps.store, configuration: deps.configuration, clock: desk.clock, estimatedWait: () => null, nextPosition: () => 1 },
      ...noDays,
      connector: { withdraw: async () => ({ kind: 'refused', status, reason: `HTTP_${status}` }) },
    });
    const withdraw = () => carryOut({ type: 'WithdrawAttempt', attemptId, since: now }, desk.context());
    const delivered = async () =>
      (await desk.historyOf(callbackId)).flatMap(({ type, data }) => (type === 'CallbackWithdrawRequested' ? [data.delivered] : []));
    return { attemptId, now, change, withdraw, delivered };
  };

  it('that overtook its attempt is tried again, until the attempt is too late to be placed', async () => {
    const { now, change, withdraw, delivered } = await ringing(404);
    await change({ type: 'CancelCallback', by: 'client', now });
    await expect(withdraw()).rejects.toThrow('could not be withdrawn');
    expect(await delivered()).toEqual([]);
    await desk.clock.advanceBy(10_000);
    await withdraw();
    expect(await delivered()).toEqual([true]);
  });

  it('is heard when the contact center knows no more of an attempt that it had taken on', async () => {
    const { attemptId, now, change, withdraw, delivered } = await ringing(404);
    await change({ type: 'RecordPlaced', attemptId, now });
    await change({ type: 'CancelCallback', by: 'client', now });
    await withdraw();
    expect(await delivered()).toEqual([true]);
  });

  it('that can not be delivered is given up before it would be left to an operator', async () => {
    const { now, change, withdraw, delivered } = await ringing(401);
    await change({ type: 'CancelCallback', by: 'client', now });
    const quickest = Array.from({ length: MOST_TRIES - 1 }, (_, failed) => pauseAfter(failed + 1, 0));
    for (const pause of quickest) {
      if ((await delivered()).length > 0) break;
      await withdraw().catch(() => undefined);
      await desk.clock.advanceBy(pause);
    }
    await withdraw();
    expect(await delivered()).toEqual([false]);
  });
});
