import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import { bookCallback } from '../../src/commands/book.ts';
import { handle } from '../../src/commands/handle.ts';
import { businessDaysKind } from '../../src/commands/streams.ts';
import { businessDayStream } from '../../src/domain/business-day/events.ts';
import { attemptIdOf, callbackStream, isCallbackStream } from '../../src/domain/callback/events.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { startAttempt } from '../../src/processes/attempt.ts';
import { purgeDay } from '../../src/processes/purge-day.ts';
import { type Desk, idOf, NOW, openDesk, typesOf } from '../commands/desk.ts';
import { all } from '../eventstore/door.ts';
import { deferred } from '../support/deferred.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const CLOSED_AT = iso(NOW + 1);
const context = () => ({ ...desk.context(), commandId: randomUUID() });

type Append = EventStore['append'];
/** Callbacks that wait at the end of a day, its purge, and starts of their attempts; `appending` comes before each of these appends. */
const endOfDay = async (count: number, appending: (id: string, type: string) => Promise<unknown> = async () => undefined) => {
  const { deps, request, queue } = desk.deskFor();
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push(idOf(await bookCallback(deps, request(), context())));
  const day = { queue, day: iso(NOW).slice(0, 10), closedAt: CLOSED_AT };
  const close = { type: 'CloseBusinessDay', ...day, now: CLOSED_AT } as const;
  await handle(desk.store, businessDaysKind, businessDayStream(queue), close, context());
  const append: Append = async (streamId, events, ...rest) => {
    if (isCallbackStream(streamId)) await appending(streamId.slice(callbackStream('').length), [events].flat()[0]?.type ?? '');
    return desk.store.append(streamId, events, ...rest);
  };
  const store = { ...desk.store, append };
  const placed: string[] = [];
  const connector = {
    place: async ({ callbackId }: { callbackId: string }) => {
      placed.push(callbackId);
      return { kind: 'accepted' } as const;
    },
    withdraw: async () => ({ kind: 'accepted' }) as const,
  };
  return {
    ...{ ids, placed },
    purge: (waiting: readonly string[] = ids) =>
      purgeDay(
        {
          ...{ store, clock: desk.clock },
          waitingBefore: async function* () {
            for (let from = 0; from < waiting.length; from += 7) yield waiting.slice(from, from + 7);
          },
        },
        { type: 'PurgeBusinessDay', ...day },
        context(),
      ),
    start: (id: string) =>
      startAttempt(
        {
          ...{ store, connector, clock: desk.clock, configuration: deps.configuration, isBarred: () => false },
          signal: new AbortController().signal,
        },
        {
          ...{ queue, callbackId: id, attemptId: attemptIdOf(id, 1), attempt: 1, region: null, placeBy: iso(NOW + 10_000) },
          ...{ basedOn: { readyAgents: 1, inFlight: 0, liveCallers: 0 }, at: iso(NOW) },
        },
        context(),
      ),
    /** What happened to one since it entered the line. */
    since: async (id: string) => typesOf(await desk.historyOf(id)).slice(2),
    day: async () => typesOf(await all(desk.store.readStream(businessDayStream(queue)))),
  };
};
const PURGED = ['CallbackCompleted'];
const STARTED = ['CallbackAttemptStarted', 'CallbackAttemptPlaced'];

describe('the purge of a day and starts of attempts at the same moment', () => {
  it('have one winner for each callback, whichever is overtaken between its look and its append', async () => {
    const [purgeWins, startWins] = [new Set<string>(), new Set<string>()];
    const over = new Map<string, ReturnType<typeof deferred<void>>>();
    const { ids, purge, start, since, placed, day } = await endOfDay(30, async (id, type) => {
      if (type === (purgeWins.has(id) ? 'CallbackAttemptStarted' : 'CallbackCompleted') && over.has(id)) await over.get(id)?.promise;
    });
    for (const [n, id] of ids.entries()) {
      if (n % 3 < 2) over.set(id, deferred());
      (n % 3 === 0 ? purgeWins : startWins).add(id);
    }
    // what loses has folded the callback before the winner's append, and appends after it
    const watch = async (id: string) => {
      while ((await since(id)).length === 0) await new Promise((resolve) => setImmediate(resolve));
      over.get(id)?.resolve();
    };
    await Promise.all([purge(), ...ids.map(start), ...[...over.keys()].map(watch)]);
    for (const id of ids) {
      const history = await since(id);
      if (over.has(id)) expect(history).toEqual(purgeWins.has(id) ? PURGED : STARTED);
      else expect([PURGED, STARTED]).toContainEqual(history);
      expect(placed.filter((one) => one === id)).toHaveLength(history[0] === 'CallbackAttemptStarted' ? 1 : 0);
    }
    expect(await day()).toEqual(['BusinessDayClosed', 'BusinessDayPurged']);
  });
});

describe('the purge of a day', () => {
  it('that is cut off begins again with those who are left: each is purged once, and the day ends once', async () => {
    let left = 10;
    const { ids, purge, since, day } = await endOfDay(25, async () => {
      if (left-- <= 0) throw new Error('cut off');
    });
    await expect(purge()).rejects.toThrow('cut off');
    expect(await day()).toEqual(['BusinessDayClosed']);
    left = Number.POSITIVE_INFINITY;
    await purge();
    await purge();
    for (const id of ids) expect(await since(id)).toEqual(PURGED);
    expect(await day()).toEqual(['BusinessDayClosed', 'BusinessDayPurged']);
  });
});
