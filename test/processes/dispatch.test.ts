import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startClock } from '../../src/clock.ts';
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

/** A dispatcher over one queue, on real views of a real log, with so many agents; `starting` is what each start waits for, `seeing` each event of the log. */
const dispatching = async (
  ready: number,
  wrapped: (store: EventStore) => EventStore = (store) => store,
  starting = async () => {},
  {
    settings = {},
    seeing = async () => {},
    isDown = () => false,
  }: { settings?: OwnSettings; seeing?: (type: string) => Promise<void>; isDown?: () => boolean } = {},
) => {
  const clock = startClock({ start: desk.clock.now(), speed: 100 });
  const { deps, queue, request } = desk.deskFor({ pacing: 1, ...settings });
  const lines = waitingLinesView(deps.configuration, clock, departuresView());
  const [agents, flow, regions] = [agentsView(100), flowView(undefined, 100), regionsView(100)];
  const said: string[] = [];
  const started: Started[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void said.push(line) });
  const follow: EventStore['follow'] = async function* (options) {
    for await (const item of desk.store.follow(options)) {
      if (item.kind === 'event') await seeing(item.event.type);
      yield item;
    }
  };
  feed = followLive({ ...desk.store, follow }, [{ view: lines, after: undefined }], { log, applied: () => dispatcher?.wake() });
  await feed.caughtUp;
  const board = boardOf(deps.configuration, lines, agents, { flow, regions });
  let passes = 0;
  const next: typeof board.next = (now) => {
    passes++;
    return board.next(now);
  };
  const dispatcher: Dispatcher | undefined = startDispatch({
    ...{ store: wrapped(desk.store), lines, board: { next } },
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
  return { dispatcher, lines, queue, started, said, tell, book, decided, passes: () => passes };
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

  it('puts whoever is out of local hours beside the line once, however long the log is in showing it', async () => {
    let show = () => {};
    const shown = new Promise<void>((resolve) => {
      show = resolve;
    });
    const settings = { localHours: { from: '08:00', to: '21:00' } };
    const seeing = async (type: string): Promise<void> => (type === 'CallbackDeferred' ? shown : undefined);
    const { dispatcher, book, passes, lines, queue } = await dispatching(1, undefined, undefined, { settings, seeing });
    const id = await book();
    const deferrals = async () => (await desk.historyOf(id)).filter(({ type }) => type === 'CallbackDeferred').length;
    await comes('it is put beside the line', async () => (await deferrals()) > 0);
    for (let n = 0; n < 20; n++) {
      const before = passes();
      dispatcher.wake();
      await comes('the next pass', () => passes() > before);
    }
    show();
    await comes('the line shows it', () => lines.inLine(queue) === 0);
    expect(await deferrals()).toBe(1);
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
