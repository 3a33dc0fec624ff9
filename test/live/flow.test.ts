import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEPT_DEPARTURES } from '../../src/domain/waits/estimated-wait.ts';
import { SILENCE_MS } from '../../src/live/agents.ts';
import { departuresView } from '../../src/live/departures.ts';
import { callersBefore, type FlowReport, flowView, type LiveCaller, MOST_QUEUES, type QueueFlow } from '../../src/live/flow.ts';
import { instantsBeside, joinInstants } from '../../src/live/kit/join-instants.ts';

const NOW = 1_000_000;
const caller = (enteredAt: number, priority = 0): LiveCaller => ({ enteredAt, priority });
const queue = (name: string, waiting: readonly LiveCaller[], distributedAt: readonly number[] = []): QueueFlow => ({
  ...{ queue: name, waiting, distributedAt },
});
const report = (sequence: number, queues: readonly QueueFlow[], some: Partial<FlowReport> = {}): FlowReport => ({
  ...{ source: 'pbx', sequence, full: true, queues, ...some },
});

describe('live callers', () => {
  it('stand in the order of 7.3, those of all sources together', () => {
    const view = flowView();
    view.report(report(1, [queue('a', [caller(3), caller(2, 5), caller(1)])]), NOW);
    view.report(report(1, [queue('a', [caller(2)])], { source: 'other' }), NOW);
    expect(view.waiting('a', NOW)).toEqual([caller(2, 5), caller(1), caller(2), caller(3)]);
    expect(view.waiting('b', NOW)).toEqual([]);
  });
  it('are those of the last full report, and of a delta only in the queues that it names', () => {
    const view = flowView();
    view.report(report(1, [queue('a', [caller(1)]), queue('b', [caller(2)])]), NOW);
    view.report(report(2, [queue('a', [])], { full: false }), NOW);
    expect([view.waiting('a', NOW), view.waiting('b', NOW)]).toEqual([[], [caller(2)]]);
    view.report(report(3, [queue('a', [caller(4)])]), NOW);
    expect([view.waiting('a', NOW), view.waiting('b', NOW)]).toEqual([[caller(4)], []]);
  });
  it('count no more once their source is silent for 30 seconds', () => {
    const view = flowView();
    view.report(report(1, [queue('a', [caller(1)])]), NOW);
    expect(view.nextSilence(NOW)).toBe(NOW + SILENCE_MS);
    expect(view.waiting('a', NOW + SILENCE_MS - 1)).toHaveLength(1);
    expect(view.waiting('a', NOW + SILENCE_MS)).toEqual([]);
  });
  it('are not changed by a sequence that is not above the last of their source', () => {
    const view = flowView();
    expect(view.report(report(2, [queue('a', [caller(1)])]), NOW)).toBe('TAKEN');
    for (const sequence of [2, 1]) expect(view.report(report(sequence, []), NOW)).toBe('STALE');
    expect(view.waiting('a', NOW)).toHaveLength(1);
  });
  it('come before somebody of a lower priority, of the same who came later, and of one who came at the same time', () => {
    const callers = [caller(5, 2), caller(1, 1), caller(3, 1)];
    const ahead = (enteredAt: number, priority: number) => callersBefore(callers, caller(enteredAt, priority));
    expect([ahead(4, 2), ahead(5, 2), ahead(2, 1), ahead(3, 1), ahead(0, 0), ahead(0, 3)]).toEqual([0, 1, 2, 3, 3, 0]);
  });
});

describe('those who left a queue', () => {
  const told = (reports: readonly FlowReport[], agents?: number) => {
    const departures = departuresView(() => agents);
    const view = flowView(departures.tell);
    for (const one of reports) view.report(one, NOW);
    return { departures, view };
  };

  it('are told of again only when there are more of them', () => {
    const heard: [string, number][] = [];
    const view = flowView((_, flow) => heard.push([flow.queue, flow.distributedAt.length]));
    view.report(report(1, [queue('a', [], [1, 2]), queue('b', [], [3]), queue('c', [])]), NOW);
    view.report(report(2, [queue('a', [], [2, 4]), queue('c', [caller(1)])], { full: false }), NOW);
    view.report(report(3, [queue('a', [], [4]), queue('b', [])]), NOW);
    expect(heard.join(' ')).toBe('a,2 b,1 a,3');
  });
  it('give the mean gap of the last 32, live calls and callbacks together, whatever order they become known in', () => {
    const { departures } = told([report(1, [queue('a', [], [30_000, 10_000])])]);
    expect(departures.meanGapSeconds('a')).toBe(20);
    departures.record('a', 20_000);
    expect(departures.meanGapSeconds('a')).toBe(10);
    for (let n = 1; n <= 40; n++) departures.record('a', 100_000 + n * 2_000);
    expect(departures.meanGapSeconds('a')).toBe(2);
  });
  it('count once, however often they are told of, and as often as they are told of at one instant', () => {
    const instants = [10_000, 20_000, 20_000, 30_000];
    const { departures } = told([
      report(1, [queue('a', [], instants)]),
      report(2, [queue('a', [], instants)]),
      report(3, [queue('a', [], [20_000, 20_000, 30_000, 40_000])]),
    ]);
    expect(departures.last('a').map(({ at }) => at)).toEqual([10_000, 20_000, 20_000, 30_000, 40_000]);
  });
  it('of two sources at one instant are two', () => {
    const { departures } = told([report(1, [queue('a', [], [1])]), report(1, [queue('a', [], [1])], { source: 'other' })]);
    expect(departures.last('a')).toHaveLength(2);
  });
  it('stay known when their source is silent, or names the queue no more', () => {
    const { departures } = told([report(1, [queue('a', [], [0, 10_000])]), report(2, [])]);
    expect(departures.meanGapSeconds('a')).toBe(10);
  });
  it('carry how many agents were logged in when they became known', () => {
    expect(told([report(1, [queue('a', [], [1])])], 4).departures.last('a')).toMatchObject([{ at: 1, agents: 4 }]);
  });
  it('are known alike to a node that hears of every report and one that hears of the last', () => {
    const instant = fc.integer({ min: 0, max: 40 });
    const reports = fc.array(fc.tuple(fc.boolean(), fc.array(instant, { maxLength: 6 })), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(reports, (all) => {
        const [every, last] = [departuresView(), departuresView()];
        const view = flowView((source, flow) => every.tell(source, flow));
        const other = flowView((source, flow) => last.tell(source, flow));
        let state: readonly QueueFlow[] = [];
        const keeper = flowView((_, flow) => {
          state = [flow];
        });
        for (const [index, [full, distributedAt]] of all.entries()) {
          const one = report(index, [queue('a', [], distributedAt)], { full });
          view.report(one, NOW);
          keeper.report(one, NOW);
        }
        other.merge({ source: 'pbx', sequence: all.length, heardAt: NOW, state });
        expect(last.last('a').map(({ at }) => at)).toEqual(every.last('a').map(({ at }) => at));
      }),
    );
  });
});

describe('instants', () => {
  const some = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 30 });
  it('that are joined hold each as often as the one that has it most often', () => {
    fc.assert(
      fc.property(some, some, (known, told) => {
        const count = (list: readonly number[], instant: number) => list.filter((other) => other === instant).length;
        const joined = joinInstants(known, told, 1_000);
        for (const instant of [...known, ...told])
          expect(count(joined, instant)).toBe(Math.max(count(known, instant), count(told, instant)));
        expect(joined).toEqual([...joined].sort((a, b) => a - b));
        expect(joinInstants(joined, told, 1_000)).toEqual(joined);
        expect(instantsBeside(joined, told)).toEqual([]);
      }),
    );
  });
  it('of more than are kept are the last', () => {
    const many = Array.from({ length: KEPT_DEPARTURES + 10 }, (_, n) => n);
    expect(joinInstants([], many, KEPT_DEPARTURES)[0]).toBe(10);
  });
});

describe('queues that a source tells of', () => {
  const many = (from: number, count: number, distributedAt: readonly number[] = []) =>
    Array.from({ length: count }, (_, n) => queue(`q-${from + n}`, [], distributedAt));

  it('are so many at most: for new ones, those go that were left first and where nobody waits', () => {
    const view = flowView();
    view.report(report(1, [queue('waits', [caller(1)]), queue('early', [], [NOW - 2]), ...many(0, MOST_QUEUES - 2, [NOW - 1])]), NOW);
    expect(view.report(report(2, [queue('new', [caller(2)])], { full: false }), NOW)).toBe('TAKEN');
    expect([...view.lines(NOW).keys()].sort()).toEqual(['new', 'waits']);
    expect(view.report(report(3, many(MOST_QUEUES, MOST_QUEUES, [NOW])), NOW)).toBe('TAKEN');
    expect(view.lines(NOW).size).toBe(0);
  });
  it('are refused where too many have somebody waiting', () => {
    const view = flowView();
    const waited = Array.from({ length: MOST_QUEUES }, (_, n) => queue(`q-${n}`, [caller(n)]));
    view.report(report(1, waited), NOW);
    expect(view.report(report(2, [queue('new', [caller(2)])], { full: false }), NOW)).toBe('TOO_MUCH');
    expect(view.lines(NOW).size).toBe(MOST_QUEUES);
    expect(view.waiting('new', NOW)).toEqual([]);
  });
  it('are forgotten in what waits are made of, those that nobody left for longest, where names are ever new', () => {
    const departures = departuresView();
    const view = flowView(departures.tell);
    for (let sequence = 0; sequence < 5; sequence++)
      view.report(report(sequence + 1, many(sequence * MOST_QUEUES, MOST_QUEUES, [NOW, NOW + 1_000])), NOW);
    expect(departures.last('q-0')).toEqual([]);
    expect(departures.meanGapSeconds('q-0')).toBeUndefined();
    expect(departures.meanGapSeconds(`q-${5 * MOST_QUEUES - 1}`)).toBe(1);
  });
});
