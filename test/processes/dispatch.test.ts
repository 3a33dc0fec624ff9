import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { iso, startClock } from '../../src/clock.ts';
import { bookCallback } from '../../src/commands/book.ts';
import type { OwnSettings } from '../../src/domain/configuration/columns.ts';
import { type Decided, DISPATCH_STREAM } from '../../src/domain/dispatch/events.ts';
import type { CommandContext } from '../../src/eventstore/codec.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { agentsView } from '../../src/live/agents.ts';
import { departuresView } from '../../src/live/departures.ts';
import { flowView } from '../../src/live/flow.ts';
import { followLive, type LiveFeed } from '../../src/live/follow.ts';
import { regionsView } from '../../src/live/regions.ts';
import { waitingLinesView } from '../../src/live/waiting-lines.ts';
import { type Dispatcher, startDispatch } from '../../src/processes/dispatch.ts';
import { type Desk, idOf, openDesk } from '../commands/desk.ts';
import { PATIENCE_MS, until } from '../crash/support/until.ts';
import { all } from '../eventstore/door.ts';
import { boardOf } from './board.ts';

/** A log of its own for each test: a dispatcher looks at all of it. */
let desk: Desk;
let feed: LiveFeed;
let dispatchers: Dispatcher[] = [];
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(async () => {
  for (const dispatcher of dispatchers) await dispatcher.close();
  dispatchers = [];
  await feed.close();
  await desk.close();
});

type Started = { readonly decision: Decided['data']; readonly context: CommandContext };

/** A dispatcher over one queue, on real views of a real log, with so many agents; `starting` is what each start waits for. */
const dispatching = async (
  ready: number,
  wrapped: (store: EventStore) => EventStore = (store) => store,
  starting = async () => {},
  { settings = {}, isDown = () => false }: { settings?: OwnSettings; isDown?: () => boolean } = {},
) => {
  const clock = startClock({ start: desk.clock.now(), speed: 100 });
  const { deps, queue, request } = desk.deskFor({ pacing: 1, ...settings });
  const lines = waitingLinesView(deps.configuration, clock, departuresView());
  const [agents, flow, regions] = [agentsView(100), flowView(undefined, 100), regionsView(100)];
  const said: string[] = [];
  const started: Started[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void said.push(line) });
  feed = followLive(desk.store, [{ view: lines, after: undefined }], { log, applied: () => dispatcher?.wake() });
  await feed.caughtUp;
  const board = boardOf(deps.configuration, lines, agents, { flow, regions });
  const dispatcher: Dispatcher | undefined = startDispatch({
    ...{ store: wrapped(desk.store), lines, board },
    ...{ configuration: deps.configuration, liveWaitFor: feed.waitFor, clock, clockSpeed: 100, log, isDown },
    newId: randomUUID,
    start: async (decision, context) => {
      started.push({ decision, context });
      await starting();
    },
  });
  dispatchers.push(dispatcher);
  const tell = (count: number, sequence: number) => {
    const state = 'READY' as const;
    const people = Array.from({ length: count }, (_, n) => ({ id: `agent-${n}`, state, queues: [queue], skills: {} }));
    agents.report({ source: 'pbx', sequence, full: true, agents: people }, clock.now());
    dispatcher.wake();
  };
  const book = async (): Promise<string> => idOf(await bookCallback(deps, request(), desk.context()));
  const decided = async () =>
    (await all(desk.store.readStream(DISPATCH_STREAM))).flatMap(({ type, data }) => (type === 'AttemptDecided' ? [data.callbackId] : []));
  tell(ready, 1);
  return { dispatcher, lines, queue, started, said, tell, book, decided };
};
const comes = (what: string, look: () => Promise<boolean> | boolean) => until(what, PATIENCE_MS, look);

describe('dispatch', () => {
  it('decides on as many as agents are ready, in order, each once, and starts what it decided, caused by the decision', async () => {
    const { started, book, decided, tell, lines, queue } = await dispatching(2);
    const ids = [await book(), await book(), await book()];
    await comes('two are started', () => started.length === 2);
    expect(await decided()).toEqual(ids.slice(0, 2));
    const facts = await all(desk.store.readStream(DISPATCH_STREAM));
    expect(started.map(({ context }) => context.causationId)).toEqual(facts.map(({ id }) => id));
    expect(facts.map(({ data }) => 'basedOn' in data && data.basedOn.readyAgents)).toEqual([2, 2]);
    expect(lines.inFlight().get(queue)).toBe(2);
    tell(3, 2);
    await comes('the third is started', () => started.length === 3);
    expect(await decided()).toEqual(ids);
  });

  it('that is behind another node’s pass decides nothing then, and anew on what that pass left', async () => {
    let other: readonly [string, number] | undefined;
    const secondPass = (store: EventStore): EventStore => ({
      ...store,
      append: async (streamId, events, expected, contexts) => {
        const [first] = events;
        if (streamId === DISPATCH_STREAM && other === undefined && first?.type === 'AttemptDecided') {
          other = [first.data.callbackId, events.length];
          await store.append(streamId, [first], 'any', desk.context()); // as another node that came between
        }
        return store.append(streamId, events, expected, contexts);
      },
    });
    const { started, book, decided, said, tell } = await dispatching(0, secondPass);
    const ids = [await book(), await book()];
    tell(2, 2);
    await comes('the one that is left is started', () => started.length === 1);
    expect(said.join('\n')).toContain('another pass came first');
    expect(started.map(({ decision }) => decision.callbackId)).toEqual(ids.filter((id) => id !== other?.[0]));
    expect([...(await decided())].sort()).toEqual([...ids].sort());
  });

  it('goes on after a start that failed, and says so', async () => {
    const { started, book, said } = await dispatching(5, undefined, async () => {
      throw new Error('no');
    });
    await book();
    await comes('the first start has failed', () => said.some((line) => line.includes('could not be started')));
    await book();
    await comes('the second is begun', () => started.length === 2);
  });

  it('sends one at a time to a contact center that is down, and everybody once it is back', async () => {
    let down = true;
    const waiting: (() => void)[] = [];
    const answered = () => new Promise<void>((resolve) => void waiting.push(resolve));
    const { started, book, decided } = await dispatching(10, undefined, answered, { isDown: () => down });
    const ids = [await book(), await book(), await book(), await book()];
    await comes('the first is tried', () => waiting.length === 1);
    waiting[0]?.();
    await comes('the second is tried once that is settled', () => waiting.length === 2);
    expect(await decided()).toHaveLength(2);
    down = false;
    waiting[1]?.();
    await comes('the others are started together', () => waiting.length === 4);
    for (const answer of waiting) answer();
    expect(started.map(({ decision }) => decision.callbackId).sort()).toEqual(ids.sort());
  });

  it('calls whoever is out of local hours once they begin, though nothing else happens, and writes nothing before', async () => {
    const from = Math.ceil((desk.clock.now() + 1) / 60_000) * 60_000;
    const settings = { localHours: { from: iso(from - 5 * 3_600_000).slice(11, 16), to: '21:00' } }; // it is 5 hours earlier in New York
    const { book, started } = await dispatching(1, undefined, undefined, { settings });
    const id = await book();
    await comes('the attempt is started', () => started.length === 1);
    expect(Date.parse(started[0]?.decision.at ?? '')).toBeGreaterThanOrEqual(from);
    expect((await desk.historyOf(id)).map(({ type }) => type)).toEqual(['CallbackBooked', 'CallbackQueued']);
  });

  it('that is closed waits for what it has begun, and decides nothing more', async () => {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const { dispatcher, started, book, decided, tell } = await dispatching(1, undefined, () => ended);
    const first = await book();
    await comes('it is begun', () => started.length === 1);
    let closed = false;
    const closing = dispatcher.close().then(() => {
      closed = true;
    });
    const last = await book();
    tell(2, 2);
    await feed.waitFor((await desk.store.lastPosition()) ?? 0n, PATIENCE_MS);
    expect(closed).toBe(false);
    end();
    await closing;
    expect(await decided()).toEqual([first]);
    expect(last).not.toBe(first);
  });
});
