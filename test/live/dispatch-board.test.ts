import { describe, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import { callbackStream } from '../../src/domain/callback/events.ts';
import type { ConfigurationEvent } from '../../src/domain/configuration/events.ts';
import { type Configuration, DEFAULT_ROW, evolve, initialConfiguration } from '../../src/domain/configuration/state.ts';
import { agentsView } from '../../src/live/agents.ts';
import { departuresView } from '../../src/live/departures.ts';
import { dispatchBoard } from '../../src/live/dispatch-board.ts';
import { flowView } from '../../src/live/flow.ts';
import { SILENCE_MS } from '../../src/live/kit/silence.ts';
import { regionsView } from '../../src/live/regions.ts';
import { waitingLinesView } from '../../src/live/waiting-lines.ts';
import { booked, connected, immediate, queue, queued } from '../domain/callback/facts.ts';
import { memoryLog } from './log.ts';

const NOW = Date.parse('2026-03-02T10:00:00.000Z');
const at = iso(NOW);
const created = (settings: object = {}): ConfigurationEvent => ({ type: 'QueueCreated', data: { queue, settings: { ...settings }, at } });
const settingsOf = (settings: Readonly<Record<string, unknown>>, editedAt = at): ConfigurationEvent => ({
  type: 'QueueSettingsChanged',
  data: {
    queue,
    changes: Object.fromEntries(Object.entries(settings).map(([name, after]) => [name, { before: null, after }])),
    at: editedAt,
  },
});
const configured = (...events: readonly ConfigurationEvent[]): Configuration =>
  events.reduce((state, event, index) => evolve(state, { event, revision: BigInt(index), by: 'ann' }), initialConfiguration);

/** A queue in which so many wait, all views in memory; who reports what is up to the test. */
const boardWith = (waiting: number, ...events: readonly ConfigurationEvent[]) => {
  let configuration = configured(created(), ...events);
  let [now, sequence] = [NOW, 0];
  const [agents, flow, regions, log] = [agentsView(), flowView(), regionsView(), memoryLog()];
  const lines = waitingLinesView(() => configuration, { now: () => now, at: () => () => {} }, departuresView(), flow);
  const book = (id: string, zones?: string[]): void => {
    const of = { ...immediate, ...(zones === undefined ? {} : { zones }) };
    for (const event of log.append(callbackStream(id), booked(of), queued)) lines.apply(event);
  };
  /** The start of his attempt finds that his local hours are over. */
  const defer = (id: string, until: string, zones: string[]): void => {
    const data = { queue, until, because: 'LOCAL_HOURS' as const, zones, at };
    for (const event of log.append(callbackStream(id), { type: 'CallbackDeferred', data })) lines.apply(event);
  };
  const bookMany = (count: number, zones?: string[]): void => {
    for (let n = 0; n < count; n++) book(`c-${n}`, zones);
  };
  bookMany(waiting);
  const board = dispatchBoard({ configuration: () => configuration, lines, agents, flow, regions });
  return {
    book,
    bookMany,
    defer,
    unnamed: () => {
      for (const event of log.append(callbackStream('other'), connected(1, { agentId: null, at: iso(now) }))) agents.apply(event);
    },
    returnsAt: () => board.next(now).returnsAt,
    outlook: () => board.outlook(queue, now),
    next: () => board.next(now).admitted.map(({ callback, region }) => [callback.id, region]),
    competes: () => board.next(now).competes,
    configure: (...more: readonly ConfigurationEvent[]) => {
      configuration = configured(created(), ...events, ...more);
    },
    ready: (...skills: readonly Record<string, number>[]) => {
      const people = skills.map((one, n) => ({ id: `agent-${n}`, state: 'READY' as const, queues: [queue], skills: one }));
      agents.report({ source: 'pbx', sequence: ++sequence, full: true, agents: people }, now);
    },
    healthy: (...names: readonly string[]) =>
      regions.report(
        {
          source: 'pbx',
          sequence: ++sequence,
          full: true,
          nodes: ['east', 'west', 'south'].map((region) => ({ region, node: 'n', healthy: names.includes(region) })),
        },
        now,
      ),
    calls: (...callers: readonly { readonly enteredAt: number; readonly priority: number }[]) =>
      flow.report({ source: 'switch', sequence: ++sequence, full: true, queues: [{ queue, waiting: callers, distributedAt: [] }] }, now),
    wait: (ms: number) => {
      now += ms;
    },
  };
};

const homeRule: readonly ConfigurationEvent[] = [
  { type: 'RegionRuleCreated', data: { name: 'home', rule: { preferred: ['east'], fallback: ['west'], ignored: ['south'] }, at } },
  { type: 'RegionRuleAssigned', data: { queue, name: 'home', before: null, at } },
];

describe('who is next', () => {
  it('goes to no region in particular where the queue has no region rule', () => {
    const board = boardWith(1);
    board.ready({});
    expect(board.next()).toEqual([['c-0', null]]);
  });
  it('goes to the first healthy region of the rule as health changes, and waits while there is none', () => {
    const board = boardWith(1, ...homeRule);
    board.ready({});
    expect([board.next(), board.outlook()]).toEqual([[], { all: 'NO_REGION' }]);
    board.healthy('south');
    expect(board.next()).toEqual([]);
    board.healthy('east', 'west', 'south');
    expect(board.next()).toEqual([['c-0', 'east']]);
    board.healthy('west');
    expect(board.next()).toEqual([['c-0', 'west']]);
    board.wait(SILENCE_MS);
    board.ready({});
    expect(board.next()).toEqual([]);
  });
  it('is nobody while the queue is stopped', () => {
    const board = boardWith(1);
    board.ready({});
    board.configure({ type: 'DialingStopped', data: { queue, reason: 'a fire', at } });
    expect([board.next(), board.outlook()]).toEqual([[], { all: 'STOPPED' }]);
    board.configure();
    expect(board.next()).toHaveLength(1);
  });
  it('is as many as have the skills that the queue asks for, by the settings of the moment', () => {
    const board = boardWith(3);
    board.ready({ spanish: 3 }, { spanish: 1 }, { french: 5 });
    const asks = (skillExpression: string): ConfigurationEvent => ({
      type: 'QueueSettingsChanged',
      data: { queue, changes: { skillExpression: { before: null, after: skillExpression } }, at },
    });
    const counts = ['', 'spanish', 'spanish > 2', 'spanish | french', 'latin'].map((text) => {
      board.configure(asks(text));
      return board.next().length;
    });
    expect(counts).toEqual([3, 2, 1, 3, 0]);
  });
  it('leaves agents to live callers who come before, until they are gone or their source falls silent', () => {
    const board = boardWith(2);
    board.ready({}, {});
    board.calls({ enteredAt: NOW - 60_000, priority: 50 }, { enteredAt: NOW + 60_000, priority: 0 });
    expect(board.next()).toHaveLength(1);
    expect(board.competes()).toBe(true);
    board.wait(SILENCE_MS);
    board.ready({}, {});
    expect(board.next()).toHaveLength(2);
    expect(board.competes()).toBe(false);
  });
});

describe('a pass over many queues', () => {
  const queues = Array.from({ length: 100 }, (_, n) => `q-${n}`);
  const many = () => {
    const [agents, log] = [agentsView(), memoryLog()];
    const configuration = configured(
      ...queues.map((name): ConfigurationEvent => ({ type: 'QueueCreated', data: { queue: name, settings: {}, at } })),
    );
    const lines = waitingLinesView(() => configuration, { now: () => NOW, at: () => () => {} }, departuresView());
    for (const name of queues) {
      const inLine = { type: 'CallbackQueued', data: { queue: name, priority: null, estimatedWaitSeconds: null, at } } as const;
      for (const event of log.append(callbackStream(`c-${name}`), booked({ ...immediate, queue: name }), inLine)) lines.apply(event);
    }
    const read: string[] = [];
    const inOrder: typeof lines.inOrder = (name, ...rest) => {
      read.push(name);
      return lines.inOrder(name, ...rest);
    };
    const board = dispatchBoard({
      ...{ configuration: () => configuration, lines: { ...lines, inOrder }, agents, flow: flowView(), regions: regionsView() },
    });
    const people = ['q-7', 'q-9', 'nobody-waits'].map((name) => ({ id: name, state: 'READY' as const, queues: [name], skills: {} }));
    agents.report({ source: 'pbx', sequence: 1, full: true, agents: people }, NOW);
    return { board, read };
  };
  it('reads the lines that somebody who is ready serves, and no others', () => {
    const { board, read } = many();
    expect(board.next(NOW).admitted.map(({ callback }) => callback.id)).toEqual(['c-q-7', 'c-q-9']);
    expect(read).toEqual(['q-7', 'q-9']);
  });
  it('says of one that nobody serves that its head waits for an agent', () => {
    const { board } = many();
    expect(board.outlook('q-1', NOW)).toMatchObject({ calling: new Set(), head: { id: 'c-q-1', waitsFor: 'NO_AGENT' } });
  });
});

describe('a call that an agent has of whom nobody said who he is', () => {
  it('leaves one agent fewer to be called for, until the next report', () => {
    const board = boardWith(3);
    board.ready({}, {});
    board.unnamed();
    expect(board.next()).toHaveLength(1);
    board.ready({}, {});
    expect(board.next()).toHaveLength(2);
  });
  it('is looked at again when the source that told of him falls silent', () => {
    const board = boardWith(1);
    board.ready({});
    board.unnamed();
    expect([board.next(), board.returnsAt()]).toEqual([[], NOW + SILENCE_MS]);
  });
});

describe('whoever is out of local hours', () => {
  const hours = { localHours: { from: '08:00', to: '21:00' } };
  const [asleep, awake] = [['America/New_York'], ['Europe/Paris']];
  it('keeps nobody behind him from being called, however many they are', () => {
    const board = boardWith(0, settingsOf(hours));
    board.book('awake', awake);
    board.bookMany(25_000, asleep);
    board.book('later', awake);
    board.ready({}, {}, {});
    expect(board.next()).toEqual([
      ['awake', null],
      ['later', null],
    ]);
  });
  it('is called when they begin, and the pass says when that is', () => {
    const board = boardWith(0, settingsOf(hours));
    board.book('a', asleep);
    board.ready({});
    const begins = Date.parse('2026-03-02T13:00:00.000Z');
    expect([board.next(), board.returnsAt()]).toEqual([[], begins]);
    board.wait(begins - NOW);
    board.ready({});
    expect([board.next(), board.returnsAt()]).toEqual([[['a', null]], undefined]);
  });
  it('is called at once when the hours are edited so that they allow it, by the queue’s row or by the default one', () => {
    const board = boardWith(0);
    board.configure(settingsOf(hours));
    board.book('a', asleep);
    board.ready({});
    expect(board.next()).toEqual([]);
    board.configure(settingsOf({ localHours: { from: '04:00', to: '21:00' } }));
    expect(board.next()).toHaveLength(1);
    const byDefault = (from: string): ConfigurationEvent => ({
      type: 'QueueCreated',
      data: { queue: DEFAULT_ROW, settings: { localHours: { from, to: '21:00' } }, at },
    });
    board.configure(byDefault('08:00'));
    expect(board.next()).toEqual([]);
    board.configure(byDefault('04:00'));
    expect(board.next()).toHaveLength(1);
  });
  it('is called at once after an edit also when a start has put him off, whatever the clocks of those who wrote that show', () => {
    const board = boardWith(0, settingsOf(hours));
    board.book('a');
    board.defer('a', '2026-03-02T13:00:00.000Z', asleep);
    board.ready({});
    expect([board.next(), board.returnsAt()]).toEqual([[], Date.parse('2026-03-02T13:00:00.000Z')]);
    board.configure(settingsOf({ localHours: null }, '2026-03-02T09:00:00.000Z'));
    expect(board.next()).toEqual([['a', null]]);
  });
  it('is called at once when the calendar moves to another zone, where nothing is known of his own', () => {
    const office = (zone: string): readonly ConfigurationEvent[] => [
      { type: 'BusinessHoursCreated', data: { name: 'office', hours: { zone, weekly: {}, exceptions: [], holidays: [] }, at } },
      settingsOf({ ...hours, businessHours: 'office' }),
    ];
    const board = boardWith(0, ...office('America/New_York'));
    board.book('a', []);
    board.ready({});
    expect(board.next()).toEqual([]);
    board.configure(...office('Europe/Paris'));
    expect(board.next()).toHaveLength(1);
  });
});
