import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import { bookCallback } from '../../src/commands/book.ts';
import { attemptIdOf } from '../../src/domain/callback/events.ts';
import type { StopSwitch } from '../../src/domain/configuration/stop-state.ts';
import { DISPATCH_STREAM } from '../../src/domain/dispatch/events.ts';
import type { ConnectorResult } from '../../src/integrations/connector/client.ts';
import { agentsView } from '../../src/live/agents.ts';
import { departuresView } from '../../src/live/departures.ts';
import { followLive, type LiveFeed } from '../../src/live/follow.ts';
import { waitingLinesView } from '../../src/live/waiting-lines.ts';
import { startAttempt } from '../../src/processes/attempt.ts';
import { type Dispatcher, startDispatch } from '../../src/processes/dispatch.ts';
import { type Desk, idOf, openDesk, typesOf } from '../commands/desk.ts';
import { PATIENCE_MS, until } from '../crash/support/until.ts';
import { all } from '../eventstore/door.ts';
import { boardOf } from './board.ts';

/** A log of its own for each test: a dispatcher looks at all of it. */
let desk: Desk;
const open: { feed?: LiveFeed; dispatcher?: Dispatcher } = {};
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(async () => {
  await open.dispatcher?.close();
  await open.feed?.close();
  await desk.close();
});

const on: StopSwitch = { stopped: true, reason: 'storm', by: 'ann', since: '2026-03-02T09:00:00.000Z', revision: 1n };

/** Two queues with a ready agent each on real views of a real log, whose switches a test sets; what the contact center was asked. */
const center = async () => {
  const { clock } = desk;
  const [stopped, going] = [desk.deskFor(), desk.deskFor()];
  const stops = new Map<string | null, StopSwitch>();
  const configuration = () => ({
    ...stopped.deps.configuration(),
    ...{ queues: new Map([...stopped.deps.configuration().queues, ...going.deps.configuration().queues]), stops },
  });
  const lines = waitingLinesView(configuration, clock, departuresView());
  const agents = agentsView(Number.POSITIVE_INFINITY);
  const log = pino({ level: 'silent' });
  const feed = followLive(desk.store, [{ view: lines, after: undefined }], { log, applied: () => open.dispatcher?.wake() });
  open.feed = feed;
  await feed.caughtUp;
  const placed: string[] = [];
  const asked: { answers: ConnectorResult; before: () => void } = { answers: { kind: 'accepted' }, before: () => {} };
  const attempts = {
    ...{ store: desk.store, configuration, clock, signal: new AbortController().signal, isBarred: () => false },
    connector: {
      place: async ({ callbackId }: { callbackId: string }) => {
        placed.push(callbackId);
        asked.before();
        return asked.answers;
      },
      withdraw: async () => ({ kind: 'accepted' as const }),
    },
  };
  const dispatch = () => {
    open.dispatcher = startDispatch({
      ...{
        store: desk.store,
        lines,
        board: boardOf(configuration, lines, agents),
        configuration,
        liveWaitFor: feed.waitFor,
        clock,
        log,
        newId: randomUUID,
      },
      start: (decision, context) => startAttempt(attempts, decision, context),
    });
    const ready = (id: string, queue: string) => ({ id, state: 'READY' as const, queues: [queue], skills: {} });
    const reported = [ready('a', stopped.queue), ready('b', going.queue)];
    agents.report({ source: 'pbx', sequence: 1, full: true, agents: reported }, clock.now());
    open.dispatcher.wake();
  };
  const book = async ({ deps, request }: typeof stopped) => idOf(await bookCallback(deps, request(), desk.context()));
  const decide = async (callbackId: string) => {
    const placeBy = iso(clock.now() + 10_000);
    const data = { queue: stopped.queue, callbackId, attemptId: attemptIdOf(callbackId, 1), attempt: 1, region: null, placeBy };
    const decision = { ...data, basedOn: { readyAgents: 1, inFlight: 0 }, at: iso(clock.now()) };
    await desk.store.append(DISPATCH_STREAM, [{ type: 'AttemptDecided', data: decision }], 'any', desk.context());
    return startAttempt(attempts, decision, desk.context());
  };
  const decided = async () => (await all(desk.store.readStream(DISPATCH_STREAM))).map(({ type, data }) => ({ type, ...data }));
  return { stopped, going, stops, placed, asked, dispatch, book, decide, decided, feed, lines };
};

describe('while dialing is stopped', () => {
  it('nothing of that queue is decided, others go on, and its callbacks go in order when the switch is off', async () => {
    const { stopped, going, stops, placed, dispatch, book, decided } = await center();
    stops.set(stopped.queue, on);
    const waits = await book(stopped);
    const goes = await book(going);
    dispatch();
    await until('the other queue’s is placed', PATIENCE_MS, () => placed.includes(goes));
    expect((await decided()).map((fact) => 'callbackId' in fact && fact.callbackId)).toEqual([goes]);
    stops.delete(stopped.queue);
    open.dispatcher?.wake();
    await until('the one that waited is placed', PATIENCE_MS, () => placed.includes(waits));
  });

  it('for all, nothing at all is decided', async () => {
    const { stopped, going, stops, placed, dispatch, book, decided, feed } = await center();
    stops.set(null, on);
    await book(stopped);
    await book(going);
    dispatch();
    const last = await desk.store.lastPosition();
    if (last !== undefined) await feed.waitFor(last, PATIENCE_MS);
    await open.dispatcher?.close(); // what it began is over then
    expect([await decided(), placed]).toEqual([[], []]);
  });

  it('a decision from before isn’t started: it is void, and its callback is in line again, uncounted', async () => {
    const { stopped, stops, placed, book, decide, decided, feed, lines } = await center();
    const id = await book(stopped);
    stops.set(stopped.queue, on);
    await decide(id);
    expect((await decided()).map(({ type }) => type)).toEqual(['AttemptDecided', 'AttemptVoided']);
    expect([typesOf(await desk.historyOf(id)), placed]).toEqual([['CallbackBooked', 'CallbackQueued'], []]);
    const last = await desk.store.lastPosition();
    if (last !== undefined) await feed.waitFor(last, PATIENCE_MS);
    expect(lines.positionOf(id)).toBe(1);
  });

  it('an attempt that the contact center hasn’t had yet isn’t sent again, and doesn’t count', async () => {
    const { stopped, stops, placed, asked, book, decide } = await center();
    const id = await book(stopped);
    asked.answers = { kind: 'unreachable', cause: 'ECONNREFUSED' };
    asked.before = () => stops.set(stopped.queue, on);
    const over = decide(id);
    await until('it was tried once', PATIENCE_MS, () => placed.length === 1);
    await until('and not again', PATIENCE_MS, async () => {
      await desk.clock.advanceBy(100);
      return typesOf(await desk.historyOf(id)).includes('CallbackAttemptFailed');
    });
    await over;
    const failed = (await desk.historyOf(id)).at(-1);
    expect(failed?.data).toMatchObject({ cause: 'DIALING_STOPPED', counted: false, settled: true });
    expect(placed).toEqual([id]);
  });
});
