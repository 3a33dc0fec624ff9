import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import { bookCallback } from '../../src/commands/book.ts';
import { handle } from '../../src/commands/handle.ts';
import { callbackKind } from '../../src/commands/streams.ts';
import { attemptIdOf, callbackStream } from '../../src/domain/callback/events.ts';
import type { OwnSettings } from '../../src/domain/configuration/columns.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { startAttempt } from '../../src/processes/attempt.ts';
import { type Desk, idOf, openDesk, typesOf } from '../commands/desk.ts';

/** It is 10:00 in UTC: 05:00 in New York, 11:00 in Paris. */
let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const [NEW_YORK, PARIS] = ['+12125550123', '+33123456789'];
const day = { from: '08:00', to: '21:00' };

/** A booked callback, and the start of its first attempt; `placed` are the attempts that reached the contact center. */
const decided = async (
  settings: OwnSettings,
  phoneNumber: string,
  { timezone, barred = [] as readonly string[] }: { timezone?: string; barred?: readonly string[] } = {},
  wrapped: (store: EventStore) => EventStore = (store) => store,
) => {
  const { deps, request, queue, configure } = desk.deskFor(settings, wrapped);
  const id = idOf(await bookCallback(deps, request({ phoneNumber, timezone }), desk.context()));
  const placed: string[] = [];
  const connector = {
    place: async ({ attemptId }: { attemptId: string }) => {
      placed.push(attemptId);
      return { kind: 'accepted' } as const;
    },
    withdraw: async () => ({ kind: 'accepted' }) as const,
  };
  const start = (): Promise<void> => {
    const now = desk.clock.now();
    const decision = { queue, callbackId: id, attemptId: attemptIdOf(id, 1), attempt: 1, region: null, placeBy: iso(now + 10_000) };
    const attempts = { store: deps.store, configuration: deps.configuration, clock: desk.clock, signal: new AbortController().signal };
    const isBarred = (number: string) => barred.includes(number);
    return startAttempt(
      { ...attempts, connector, isBarred },
      { ...decision, basedOn: { readyAgents: 1, inFlight: 0, liveCallers: 0 }, at: iso(now) },
      desk.context(),
    );
  };
  const change = (command: Parameters<typeof callbackKind.decider.decide>[0]) =>
    handle(desk.store, callbackKind, callbackStream(id), command, { ...desk.context(), commandId: randomUUID() });
  return { id, deps, placed, start, configure, change, history: () => desk.historyOf(id) };
};

describe('an attempt outside the customer’s local hours', () => {
  it('is not made: the callback waits for the next allowed minute', async () => {
    const { start, placed, history } = await decided({ localHours: day }, NEW_YORK);
    await start();
    expect(placed).toEqual([]);
    const events = await history();
    expect(typesOf(events)).toEqual(['CallbackBooked', 'CallbackQueued', 'CallbackDeferred']);
    expect(events.at(-1)?.data).toMatchObject({ until: '2026-03-02T13:00:00.000Z', because: 'LOCAL_HOURS' });
  });
  it('is made where he is, by what was said at booking and not by his number', async () => {
    const { start, placed, history } = await decided({ localHours: day }, NEW_YORK, { timezone: 'Europe/Paris' });
    await start();
    expect(placed).toHaveLength(1);
    expect((await history())[0]?.data).toMatchObject({ zones: ['Europe/Paris'] });
  });
  it('is made within them, and where a queue has none', async () => {
    for (const [settings, number] of [
      [{ localHours: day }, PARIS],
      [{}, NEW_YORK],
    ] as const) {
      const { start, placed } = await decided(settings, number);
      await start();
      expect(placed).toHaveLength(1);
    }
  });
  it('is made as soon as the queue’s hours are edited so that they allow it', async () => {
    const { start, placed, configure } = await decided({ localHours: day }, NEW_YORK);
    await start();
    configure({ localHours: { from: '04:00', to: '21:00' } });
    await start();
    expect(placed).toHaveLength(1);
  });
});

describe('an attempt to a number that was put on the do-not-call list', () => {
  it('is not made, and the callback is over', async () => {
    const { start, placed, history } = await decided({}, PARIS, { barred: [PARIS] });
    await start();
    expect(placed).toEqual([]);
    const events = await history();
    expect(typesOf(events)).toEqual(['CallbackBooked', 'CallbackQueued', 'CallbackCompleted']);
    expect(events.at(-1)?.data).toMatchObject({ reason: 'REJECTED_BY_RULE' });
  });
});

describe('a start that another fact of its callback comes before', () => {
  it('is made all the same while the callback waits, once', async () => {
    let between: (() => Promise<unknown>) | undefined;
    const { id, start, placed, change, history } = await decided({}, PARIS, {}, (store) => ({
      ...store,
      append: async (streamId, ...rest) => {
        const first = between;
        between = undefined;
        await first?.();
        return store.append(streamId, ...rest);
      },
    }));
    const now = iso(desk.clock.now());
    between = () => change({ type: 'RecordWithdrawRequested', attemptId: attemptIdOf(id, 0), delivered: true, now });
    await start();
    expect(placed).toEqual([attemptIdOf(id, 1)]);
    const types = typesOf(await history()).slice(2);
    expect(types).toEqual(['CallbackWithdrawRequested', 'CallbackAttemptStarted', 'CallbackAttemptPlaced']);
  });
});

describe('a purge and a start at the same moment', () => {
  const purge = (now: number) => {
    const [enteredBefore, at] = [iso(now + 1), iso(now)];
    return { type: 'PurgeCallback', reason: 'PURGED_END_OF_DAY', enteredBefore, now: at } as const;
  };
  it.each([
    ['the purge comes between', true],
    ['the start comes between', false],
  ])('have one winner: %s', async (_, purgeFirst) => {
    let between: (() => Promise<unknown>) | undefined;
    const { id, deps, start, placed, change, history } = await decided({}, PARIS, {}, (store) => ({
      ...store,
      append: async (streamId, ...rest) => {
        const first = between;
        between = undefined;
        await first?.();
        return store.append(streamId, ...rest);
      },
    }));
    const now = desk.clock.now();
    if (purgeFirst) {
      between = () => change(purge(now));
      await start();
    } else {
      const started = {
        type: 'StartAttempt',
        attemptId: attemptIdOf(id, 1),
        attempt: 1,
        region: null,
        placeBy: iso(now + 10_000),
      } as const;
      between = () => change({ ...started, now: iso(now) });
      await handle(deps.store, callbackKind, callbackStream(id), purge(now), desk.context());
    }
    expect(placed).toEqual([]);
    expect(typesOf(await history()).slice(2)).toEqual([purgeFirst ? 'CallbackCompleted' : 'CallbackAttemptStarted']);
  });
});
