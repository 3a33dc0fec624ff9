import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import type { DomainEvent } from '../../src/domain/catalogue.ts';
import { type AgentReport, MOST_AGENTS } from '../../src/live/agent-report.ts';
import { agentsView, SILENCE_MS } from '../../src/live/agents.ts';
import { FORGOTTEN_MS, MOST_SOURCES } from '../../src/live/kit/silence.ts';
import { memoryLog } from './log.ts';

const NOW = 1_000_000;
type State = AgentReport['agents'][number]['state'];
const agent = (id: string, state: State = 'READY', queues = ['a'], skills: Readonly<Record<string, number>> = {}) => {
  return { id, state, queues, skills };
};
const report = (sequence: number, agents: AgentReport['agents'], some: Partial<AgentReport> = {}): AgentReport => ({
  ...{ source: 'pbx', sequence, full: true, agents, ...some },
});
const readyIn = (view: ReturnType<typeof agentsView>, now = NOW) =>
  view.groups(now).map(({ profile: { queues }, ready }) => [[...queues].sort().join('+'), ready] as const);
const connects = (view: ReturnType<typeof agentsView>, agentId: string | null, at: number) => {
  const event: DomainEvent = { type: 'CallbackConnected', data: { queue: 'a', attemptId: 'c.1', agentId, reportedAt: null, at: iso(at) } };
  for (const recorded of memoryLog().append('callback-c', event)) view.apply(recorded);
};

describe('agents', () => {
  it('that are ready are grouped by identical queues', () => {
    const view = agentsView();
    const states: State[] = ['BUSY', 'AWAY', 'OUT'];
    const agents = [
      agent('1'),
      agent('2', 'READY', ['a', 'b']),
      agent('3', 'READY', ['b', 'a']),
      ...states.map((state) => agent(state, state)),
    ];
    expect(view.report(report(1, agents), NOW)).toBe('TAKEN');
    expect(readyIn(view)).toEqual([
      ['a', 1],
      ['a+b', 2],
    ]);
  });
  it('that are ready are grouped by identical skills, too', () => {
    const view = agentsView();
    const speaks = [{ de: 1, fr: 2 }, { fr: 2, de: 1 }, { de: 2, fr: 2 }, { de: 1 }];
    view.report(
      report(
        1,
        speaks.map((skills, index) => agent(`${index}`, 'READY', ['a'], skills)),
      ),
      NOW,
    );
    expect(view.groups(NOW).map(({ profile: { skills }, ready }) => [skills, ready])).toEqual([
      [{ de: 1, fr: 2 }, 2],
      [{ de: 2, fr: 2 }, 1],
      [{ de: 1 }, 1],
    ]);
  });
  it('that are ready are counted alike by deltas, full reports, what other nodes were told, and beside connections', () => {
    const told = fc.array(
      fc.record({
        id: fc.constantFrom('1', '2', '3'),
        state: fc.constantFrom<State>('READY', 'BUSY', 'OUT'),
        queues: fc.subarray(['a', 'b']),
        skills: fc.constantFrom<Record<string, number>>({}, { de: 1 }),
      }),
      { maxLength: 3 },
    );
    const step = fc.record({ by: fc.constantFrom('full', 'delta', 'merge', 'connect'), told });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const view = agentsView();
        const known = new Map<string, (typeof steps)[number]['told'][number]>();
        for (const [index, { by, told: some }] of steps.entries()) {
          const unique = [...new Map(some.map((one) => [one.id, one])).values()];
          if (by === 'full') known.clear();
          if (by === 'full' || by === 'delta') view.report(report(index + 1, unique, { full: by === 'full' }), NOW + index);
          if (by === 'merge')
            view.merge({
              ...{ source: 'pbx', sequence: index + 1, heardAt: NOW + index, fullAt: 0 },
              agents: unique.map((one) => ({ ...one, reportedAt: NOW + index })),
            });
          if (by !== 'connect') for (const one of unique) known.set(one.id, one);
          else
            for (const { id } of unique) {
              connects(view, id, NOW + index);
              const one = known.get(id);
              if (one?.state === 'READY') known.set(id, { ...one, state: 'BUSY' });
            }
        }
        const expected = [...known.values()].filter(({ state }) => state === 'READY');
        const text = (queues: Iterable<string>, skills: object) => JSON.stringify([[...queues].sort(), skills]);
        const counts = new Map<string, number>();
        for (const { queues, skills } of expected) counts.set(text(queues, skills), (counts.get(text(queues, skills)) ?? 0) + 1);
        const groups = view
          .groups(NOW + steps.length)
          .map(({ profile: { queues, skills }, ready }) => [text(queues, skills), ready] as const);
        expect(new Map(groups)).toEqual(counts);
      }),
    );
  });
  it('of a full report replace all of their source, those of a delta only themselves', () => {
    const view = agentsView();
    view.report(report(1, [agent('1'), agent('2')]), NOW);
    view.report(report(2, [agent('2', 'BUSY'), agent('3')], { full: false }), NOW);
    expect(readyIn(view)).toEqual([['a', 2]]);
    view.report(report(3, [agent('4')]), NOW);
    expect(readyIn(view)).toEqual([['a', 1]]);
  });
  it('of a report whose sequence is not above the last stay as they are', () => {
    const view = agentsView();
    view.report(report(5, [agent('1')]), NOW);
    for (const sequence of [5, 4, 0]) expect(view.report(report(sequence, []), NOW)).toBe('STALE');
    expect(readyIn(view)).toEqual([['a', 1]]);
    expect(view.report(report(0, [agent('2')], { source: 'other' }), NOW)).toBe('TAKEN');
    expect(readyIn(view)).toEqual([['a', 2]]);
  });
  it('are not ready once their source is silent for 30 seconds, and are again with its next report', () => {
    const view = agentsView();
    view.report(report(1, [agent('1')]), NOW);
    expect(view.nextSilence(NOW)).toBe(NOW + SILENCE_MS);
    expect(readyIn(view, NOW + SILENCE_MS - 1)).toEqual([['a', 1]]);
    expect(readyIn(view, NOW + SILENCE_MS)).toEqual([]);
    expect(view.nextSilence(NOW + SILENCE_MS)).toBeUndefined();
    expect(view.report(report(1, [agent('1')]), NOW + SILENCE_MS)).toBe('STALE');
    expect(readyIn(view, NOW + SILENCE_MS)).toEqual([]);
    view.report(report(2, [], { full: false }), NOW + SILENCE_MS);
    expect(readyIn(view, NOW + SILENCE_MS)).toEqual([['a', 1]]);
  });
  it('are silent later on a clock that runs fast', () => {
    const view = agentsView(600);
    view.report(report(1, [agent('1')]), NOW);
    expect(readyIn(view, NOW + 600 * SILENCE_MS - 1)).toEqual([['a', 1]]);
    expect(readyIn(view, NOW + 600 * SILENCE_MS)).toEqual([]);
  });
});

describe('an agent who is connected', () => {
  it('is not ready at once, until a later report says so', () => {
    const view = agentsView();
    view.report(report(1, [agent('1'), agent('2')]), NOW);
    connects(view, '1', NOW + 1);
    expect(readyIn(view)).toEqual([['a', 1]]);
    view.report(report(2, [], { full: false }), NOW + 2);
    expect(readyIn(view)).toEqual([['a', 1]]);
    view.report(report(3, [agent('1')], { full: false }), NOW + 3);
    expect(readyIn(view)).toEqual([['a', 2]]);
  });
  it('is not ready although he was reported ready in the same millisecond', () => {
    const view = agentsView();
    view.report(report(1, [agent('1')]), NOW);
    connects(view, '1', NOW);
    expect(readyIn(view)).toEqual([]);
  });
  it('stays as a report after it has said', () => {
    const view = agentsView();
    view.report(report(1, [agent('1')]), NOW + 5);
    connects(view, '1', NOW);
    expect(readyIn(view)).toEqual([['a', 1]]);
  });
  it('who is not known changes nobody', () => {
    const view = agentsView();
    view.report(report(1, [agent('1')]), NOW);
    connects(view, '9', NOW + 1);
    expect([readyIn(view), view.unnamed(NOW + 1).size]).toEqual([[['a', 1]], 0]);
  });
  it('stays not ready by a report that he is busy, also when its source falls silent, until one that he is ready', () => {
    const view = agentsView();
    view.report(report(1, [agent('1')]), NOW);
    connects(view, '1', NOW + 1);
    view.report(report(1, [agent('1', 'BUSY')], { source: 'other' }), NOW + 2);
    view.report(report(2, [], { full: false }), NOW + SILENCE_MS);
    expect(readyIn(view, NOW + 2 + SILENCE_MS)).toEqual([]);
    view.report(report(3, [agent('1')], { full: false }), NOW + 3 + SILENCE_MS);
    expect(readyIn(view, NOW + 3 + SILENCE_MS)).toEqual([['a', 1]]);
  });
});

describe('an agent of whom nobody said who he is, and who has a call', () => {
  it('is one of those who were told ready for its queue, until each source that told so has reported again', () => {
    const view = agentsView();
    view.report(report(1, [agent('1')]), NOW);
    view.report(report(1, [agent('2')], { source: 'second' }), NOW);
    view.report(report(1, [agent('3', 'BUSY'), agent('4', 'READY', ['b'])], { source: 'third' }), NOW);
    connects(view, null, NOW + 1);
    expect(view.unnamed(NOW + 1)).toEqual(new Map([['a', 1]]));
    view.report(report(2, [], { full: false }), NOW + 2);
    connects(view, null, NOW + 3);
    expect(view.unnamed(NOW + 3)).toEqual(new Map([['a', 2]]));
    view.report(report(2, [agent('2')], { source: 'second' }), NOW + 4);
    expect(view.unnamed(NOW + 4)).toEqual(new Map([['a', 1]]));
    view.report(report(3, [agent('1')]), NOW + 5);
    expect(view.unnamed(NOW + 5).size).toBe(0);
  });
  it('counts no more once the source that told so is silent, or was heard after that already', () => {
    const view = agentsView();
    view.report(report(1, [agent('1')]), NOW);
    connects(view, null, NOW - 1);
    expect(view.unnamed(NOW).size).toBe(0);
    connects(view, null, NOW + 1);
    expect([view.unnamed(NOW + SILENCE_MS - 1).size, view.mayBeFreeAt(NOW + 1)]).toEqual([1, NOW + SILENCE_MS]);
    expect([view.unnamed(NOW + SILENCE_MS).size, view.mayBeFreeAt(NOW + SILENCE_MS)]).toEqual([0, undefined]);
  });
  it('is nobody where nobody was told ready', () => {
    const view = agentsView();
    view.report(report(1, [agent('1', 'BUSY'), agent('2', 'READY', ['b'])]), NOW);
    connects(view, null, NOW + 1);
    expect(view.unnamed(NOW + 1).size).toBe(0);
  });
});

describe('an agent of whom several sources tell', () => {
  const other = { source: 'other' };
  it('is one, who serves the queues that any of them names, with the lower level of a skill that they rate differently', () => {
    const view = agentsView();
    view.report(report(1, [agent('1', 'READY', ['a'], { de: 3, fr: 2 })]), NOW);
    view.report(report(1, [agent('1', 'READY', ['b', 'a'], { de: 1 })], other), NOW);
    expect(view.groups(NOW)).toEqual([{ profile: { queues: new Set(['a', 'b']), skills: { de: 1, fr: 2 } }, ready: 1 }]);
    expect([view.loggedIn('a', NOW), view.loggedIn('b', NOW)]).toEqual([1, 1]);
    view.report(report(2, []), NOW + 1);
    expect(readyIn(view, NOW + 1)).toEqual([['a+b', 1]]);
    expect(view.groups(NOW + 1)[0]?.profile.skills).toEqual({ de: 1 });
  });
  it.each<[State, number]>([
    ['BUSY', 0],
    ['AWAY', 0],
    ['OUT', 1],
    ['READY', 1],
  ])('and one of whom says that he is %s, is ready to %d callers at a time', (state, ready) => {
    const view = agentsView();
    view.report(report(1, [agent('1', state)], other), NOW);
    view.report(report(1, [agent('1')]), NOW + 1);
    expect(view.groups(NOW + 1).reduce((sum, group) => sum + group.ready, 0)).toBe(ready);
  });
  it('is what the others say once one of them is silent, and when that may be is known', () => {
    const view = agentsView();
    view.report(report(1, [agent('1', 'BUSY')], other), NOW);
    expect(view.mayBeFreeAt(NOW)).toBeUndefined();
    view.report(report(1, [agent('1')]), NOW + 1);
    expect([readyIn(view, NOW + 1), view.mayBeFreeAt(NOW + 1)]).toEqual([[], NOW + SILENCE_MS]);
    expect(readyIn(view, NOW + SILENCE_MS)).toEqual([['a', 1]]);
    view.report(report(2, [], { ...other, full: false }), NOW + SILENCE_MS);
    expect(readyIn(view, NOW + SILENCE_MS)).toEqual([]);
  });
  it('is as all that they said last makes him, whatever comes when', () => {
    const told = fc.array(
      fc.record({
        id: fc.constantFrom('1', '2', '3'),
        state: fc.constantFrom<State>('READY', 'BUSY', 'OUT'),
        queues: fc.subarray(['a', 'b']),
      }),
      { maxLength: 3 },
    );
    const step = fc.record({
      by: fc.constantFrom('full', 'delta', 'merge', 'connect'),
      source: fc.constantFrom('north', 'south'),
      told,
      wait: fc.constantFrom(0, 1, 1_000, SILENCE_MS / 2),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
        const view = agentsView();
        type One = { readonly state: State; readonly queues: readonly string[] };
        const sources = new Map<string, { readonly heardAt: number; readonly agents: Map<string, One> }>();
        const connected = new Set<string>();
        let now = NOW;
        for (const [index, { by, source, told: some, wait }] of steps.entries()) {
          now += wait + 1;
          const unique = [...new Map(some.map((one) => [one.id, { ...one, skills: {} }])).values()];
          if (by === 'connect') {
            for (const { id } of unique) {
              connects(view, id, now);
              connected.add(id);
            }
          } else {
            if (by === 'merge')
              view.merge({
                ...{ source, sequence: index + 1, heardAt: now, fullAt: 0 },
                agents: unique.map((one) => ({ ...one, reportedAt: now })),
              });
            else view.report(report(index + 1, unique, { source, full: by === 'full' }), now);
            const agents = by === 'full' ? new Map<string, One>() : (sources.get(source)?.agents ?? new Map<string, One>());
            for (const { id, state, queues } of unique) {
              agents.set(id, { state, queues });
              if (state === 'READY') connected.delete(id);
            }
            sources.set(source, { heardAt: now, agents });
          }
          const heard = [...sources.values()].filter(({ heardAt }) => now - heardAt < SILENCE_MS);
          const known = ['1', '2', '3'].map((id) => {
            const said = heard.flatMap(({ agents }) => agents.get(id) ?? []).filter(({ state }) => state !== 'OUT');
            const ready = said.length > 0 && said.every(({ state }) => state === 'READY') && !connected.has(id);
            return { ready, queues: [...new Set(said.flatMap(({ queues }) => queues))].sort() };
          });
          const expected = new Map<string, number>();
          for (const { queues } of known.filter(({ ready }) => ready))
            expected.set(queues.join('+'), (expected.get(queues.join('+')) ?? 0) + 1);
          expect(new Map(readyIn(view, now))).toEqual(expected);
          const present = (queue: string) => known.filter(({ queues }) => queues.includes(queue)).length;
          expect([view.loggedIn('a', now), view.loggedIn('b', now)]).toEqual(
            heard.length === 0 ? [undefined, undefined] : [present('a'), present('b')],
          );
        }
      }),
    );
  });
});

describe('agents that another node was told of', () => {
  const changes = (sequence: number, agents: readonly (AgentReport['agents'][number] & { reportedAt: number })[], fullAt = 0) => ({
    ...{ source: 'pbx', sequence, heardAt: NOW + sequence, fullAt, agents },
  });

  it('are known by what changed, and a sequence that is known changes nothing', () => {
    const view = agentsView();
    expect(
      view.merge(
        changes(
          2,
          [agent('1'), agent('2')].map((one) => ({ ...one, reportedAt: NOW })),
        ),
      ),
    ).toBe(true);
    expect(view.merge(changes(3, [{ ...agent('2', 'OUT'), reportedAt: NOW + 3 }]))).toBe(true);
    expect(view.merge(changes(3, [{ ...agent('1', 'OUT'), reportedAt: NOW + 3 }]))).toBe(false);
    expect(readyIn(view)).toEqual([['a', 1]]);
    expect([...view.sequences(NOW)]).toEqual([['pbx', 3]]);
  });
  it('and are connected stay not ready by what was said of them before, until a later report, also one that changes nothing else', () => {
    const view = agentsView();
    connects(view, '1', NOW + 5);
    view.merge(changes(1, [{ ...agent('1'), reportedAt: NOW + 1 }]));
    expect(readyIn(view)).toEqual([]);
    view.merge(changes(2, [{ ...agent('1'), reportedAt: NOW + 1 }], NOW + 6));
    expect(readyIn(view)).toEqual([['a', 1]]);
  });
});

describe('agents of a queue who are logged in', () => {
  it('are those that are not out, whatever else they do, and nobody knows how many until a source is heard', () => {
    const view = agentsView();
    expect(view.loggedIn('a', NOW)).toBeUndefined();
    view.report(report(1, [agent('1'), agent('2', 'BUSY', ['a', 'b', 'a']), agent('3', 'AWAY', ['b']), agent('4', 'OUT')]), NOW);
    expect([view.loggedIn('a', NOW), view.loggedIn('b', NOW), view.loggedIn('c', NOW)]).toEqual([2, 2, 0]);
    expect(view.loggedIn('a', NOW + SILENCE_MS)).toBeUndefined();
  });
  it('are counted alike by deltas, full reports, what other nodes were told, and beside connections', () => {
    const view = agentsView();
    view.report(report(1, [agent('1'), agent('2', 'OUT')]), NOW);
    view.report(report(2, [agent('1', 'AWAY', ['b']), agent('2')], { full: false }), NOW);
    expect([view.loggedIn('a', NOW), view.loggedIn('b', NOW)]).toEqual([1, 1]);
    connects(view, '2', NOW + 1);
    connects(view, '9', NOW + 1);
    view.report(report(3, [agent('2', 'OUT')], { full: false }), NOW + 2);
    expect([view.loggedIn('a', NOW), view.loggedIn('b', NOW)]).toEqual([0, 1]);
    view.merge({ source: 'pbx', sequence: 4, heardAt: NOW, fullAt: NOW, agents: [{ ...agent('1', 'OUT'), reportedAt: NOW }] });
    expect([view.loggedIn('a', NOW), view.loggedIn('b', NOW)]).toEqual([0, 0]);
    view.report(report(5, [agent('3')]), NOW);
    expect([view.loggedIn('a', NOW), view.loggedIn('b', NOW)]).toEqual([1, 0]);
  });
});

describe('groups of agents', () => {
  it('are made anew only when a report, a connection or a silence changed them', () => {
    const view = agentsView();
    view.report(report(1, [agent('1'), agent('2')]), NOW);
    const first = view.groups(NOW);
    expect(view.groups(NOW + 1_000)).toBe(first);
    connects(view, '1', NOW + 1_000);
    const second = view.groups(NOW + 1_000);
    expect(second).toEqual([{ profile: { queues: new Set(['a']), skills: {} }, ready: 1 }]);
    expect(view.groups(NOW + 2_000)).toBe(second);
    view.report(report(2, [], { full: false }), NOW + 2_000);
    expect(view.groups(NOW + 2_000)).not.toBe(second);
    expect(view.groups(NOW + 2_000 + SILENCE_MS)).toEqual([]);
  });
});

describe('sources', () => {
  const named = (n: number) => ({ source: `pbx-${n}` });

  it('that are silent for five minutes are forgotten, also their sequence', () => {
    const view = agentsView();
    view.report(report(Number.MAX_SAFE_INTEGER, [agent('1')]), NOW);
    expect(view.report(report(1, [agent('2')]), NOW + FORGOTTEN_MS)).toBe('STALE');
    expect([...view.sequences(NOW + FORGOTTEN_MS).keys()]).toEqual(['pbx']);
    expect(view.report(report(1, [agent('2'), agent('3')], { full: false }), NOW + FORGOTTEN_MS + 1)).toBe('TAKEN');
    expect(readyIn(view, NOW + FORGOTTEN_MS + 1)).toEqual([['a', 2]]);
  });
  it('are known up to a bound, and one more finds room once another is forgotten', () => {
    const view = agentsView();
    for (let n = 0; n < MOST_SOURCES; n++) expect(view.report(report(1, [agent(`${n}`)], named(n)), NOW + n)).toBe('TAKEN');
    expect(view.report(report(1, [agent('x')], { source: 'other' }), NOW + MOST_SOURCES)).toBe('TOO_MANY_SOURCES');
    expect(view.report(report(2, [agent('0')], named(0)), NOW + MOST_SOURCES)).toBe('TAKEN');
    expect(readyIn(view, NOW + MOST_SOURCES)).toEqual([['a', MOST_SOURCES]]);
    expect(view.report(report(1, [agent('x')], { source: 'other' }), NOW + FORGOTTEN_MS + 2)).toBe('TAKEN');
    expect(view.sequences(NOW + FORGOTTEN_MS + 2).size).toBe(MOST_SOURCES);
  });
  it('tell of so many agents at most, in one report or several; who is out isn’t counted', () => {
    const view = agentsView();
    const some = (count: number, from = 0) => Array.from({ length: count }, (_, n) => agent(`${from + n}`));
    view.report(report(1, some(MOST_AGENTS)), NOW);
    expect(view.report(report(2, [agent('one more')], { full: false }), NOW)).toBe('TOO_MUCH');
    expect(readyIn(view)).toEqual([['a', MOST_AGENTS]]);
    expect(view.report(report(2, [agent('0', 'OUT'), agent('one more'), agent('never in', 'OUT')], { full: false }), NOW)).toBe('TAKEN');
    expect(view.report(report(3, [agent('0')], { full: false }), NOW)).toBe('TOO_MUCH');
    expect(view.report(report(3, some(MOST_AGENTS, 5)), NOW)).toBe('TAKEN');
    expect(readyIn(view)).toEqual([['a', MOST_AGENTS]]);
  });
});
