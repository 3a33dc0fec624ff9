import { describe, expect, it } from 'vitest';
import type { Fact } from '../crash/support/facts.ts';
import { FIRST_INSTANT, type HistoryItem } from '../service/running.ts';
import type { Said } from './support/center/agents.ts';
import { decisionFaults } from './support/rules/decisions.ts';
import { historyBreaches } from './support/rules/history.ts';
import { idleFaults } from './support/rules/idle.ts';
import { lostWithoutReason } from './support/rules/lost.ts';
import { mostServed } from './support/rules/matching.ts';
import { orderFaults } from './support/rules/order.ts';
import { told } from './support/rules/rules.ts';
import type { Booked } from './support/run.ts';
import { endsOf } from './support/same-end.ts';
import { shrunk } from './support/shrink.ts';
import { trafficOf } from './support/traffic.ts';

const iso = (ms: number) => new Date(FIRST_INSTANT + ms).toISOString();
const fact = (type: string, streamId: string, at: number, data: object = {}): Fact => ({ type, streamId, data: { ...data, at: iso(at) } });
const queued = (id: string, at: number, queue = 'sales') => fact('CallbackQueued', `callback-${id}`, at, { queue });
const decided = (id: string, at: number, basedOn = { readyAgents: 1, inFlight: 0 }, attempt = 1, queue = 'sales') =>
  fact('AttemptDecided', 'dispatch', at, { queue, callbackId: id, attemptId: `${id}.${attempt}`, basedOn });
const failed = (id: string, at: number, attempt = 1) =>
  fact('CallbackAttemptFailed', `callback-${id}`, at, { queue: 'sales', attemptId: `${id}.${attempt}` });
const connected = (id: string, at: number, agentId: string) =>
  fact('CallbackConnected', `callback-${id}`, at, { queue: 'sales', attemptId: `${id}.1`, agentId });
const completed = (id: string, at: number) => fact('CallbackCompleted', `callback-${id}`, at, { queue: 'sales' });
const settings = (at: number, values: object, queue = 'sales') => fact('QueueCreated', 'configuration', at, { queue, settings: values });
const stopped = (at: number) => fact('DialingStopped', 'configuration', at, { queue: 'sales' });
const resumed = (at: number) => fact('DialingResumed', 'configuration', at, { queue: 'sales' });

/** Every 20 s from 0 on, for five minutes, these agents are said to be ready. */
const said = (...agents: (readonly [id: string, ...queues: string[]])[]): readonly Said[] =>
  Array.from({ length: 16 }, (_, beat) => {
    const at = FIRST_INSTANT + beat * 20_000;
    return { sentAt: at, answeredAt: at, ready: agents.map(([id, ...queues]) => ({ id, queues })) };
  });
const always = [{ from: FIRST_INSTANT, until: FIRST_INSTANT + 300_000 }];

describe('an agent who idles', () => {
  const idle = (
    facts: readonly Fact[],
    heard = said(['a', 'sales']),
    unreachable: readonly (readonly [number, number])[] = [],
    up = always,
  ) =>
    idleFaults(
      { said: heard, up, facts },
      unreachable.map(([from, until]) => ({ from: FIRST_INSTANT + from, until: FIRST_INSTANT + until })),
    );

  it('is one whom nobody in flight needs for more than a second, while somebody waits whom he could take', () => {
    expect(idle([queued('c', 5_000), decided('c', 5_000), completed('c', 9_000)])).toEqual([]);
    expect(idle([queued('c', 5_000), decided('c', 6_000), completed('c', 9_000)])).toEqual([]);
    expect(idle([queued('c', 5_000), decided('c', 6_001), completed('c', 9_000)])).toHaveLength(1);
  });
  it('is not one who is of another queue, connected, silent, or needed by an attempt in flight', () => {
    expect(idle([queued('c', 5_000), completed('c', 9_000)], said(['a', 'care']))).toEqual([]);
    expect(idle([queued('d', 0), decided('d', 0), connected('d', 1_000, 'a'), queued('c', 5_000), completed('c', 19_000)])).toEqual([]);
    const unnamed = fact('CallbackConnected', 'callback-d', 1_000, { queue: 'sales', attemptId: 'd.1', agentId: null });
    expect(idle([queued('d', 0), decided('d', 0), unnamed, queued('c', 5_000), completed('c', 19_000)])).toEqual([]);
    expect(idle([queued('d', 0), decided('d', 0), unnamed, queued('c', 5_000), completed('c', 29_000)])).toHaveLength(1);
    expect(idle([queued('c', 340_000), completed('c', 350_000)])).toEqual([]);
    const one = [queued('c', 5_000), decided('c', 5_000), queued('d', 6_000), completed('d', 9_000), completed('c', 9_000)];
    expect(idle(one)).toEqual([]);
    expect(idle(one, said(['a', 'sales'], ['b', 'sales'])).length).toBeGreaterThan(0);
  });
  it('is found behind a failed attempt, a voided one and one withdrawn, once their callbacks are in line again', () => {
    const begun = [queued('c', 5_000), decided('c', 5_000), failed('c', 6_000)];
    expect(idle([...begun, completed('c', 19_000)])).toEqual([]);
    expect(idle([...begun, fact('CallbackRequeued', 'callback-c', 7_000), completed('c', 19_000)])).toHaveLength(1);
    for (const [type, stream] of [
      ['AttemptVoided', 'dispatch'],
      ['CallbackAttemptWithdrawn', 'callback-c'],
    ] as const) {
      const back = fact(type, stream, 6_000, { queue: 'sales', callbackId: 'c', attemptId: 'c.1' });
      expect(idle([queued('c', 5_000), decided('c', 5_000), back, completed('c', 9_000)])).toHaveLength(1);
    }
  });
  it('counts only where dispatch may and can: not in a stopped queue, beyond its pacing, while nothing can be placed or no node answers', () => {
    const waits = [queued('c', 5_000), completed('c', 15_000)];
    expect(idle(waits)).toHaveLength(1);
    expect(idle([stopped(0), ...waits])).toEqual([]);
    expect(idle([stopped(0), queued('c', 5_000), resumed(9_000), completed('c', 15_000)])).toHaveLength(1);
    const two = [queued('c', 5_000), decided('c', 5_000), queued('d', 6_000), completed('d', 9_000), completed('c', 9_000)];
    expect(idle([settings(0, { pacing: 0.5 }), ...two], said(['a', 'sales'], ['b', 'sales']))).toEqual([]);
    expect(idle(waits, undefined, [[4_000, 20_000]])).toEqual([]);
    expect(idle(waits, undefined, [], [{ from: FIRST_INSTANT + 16_000, until: FIRST_INSTANT + 300_000 }])).toEqual([]);
  });
});

describe('the order of decisions', () => {
  const about = (facts: readonly Fact[], heard = said(['a', 'sales'])) => ({ said: heard, up: always, facts });
  it('is broken by who came later, with the same priority', () => {
    expect(orderFaults(about([queued('c', 1_000), queued('d', 2_000), decided('c', 3_000)]))).toEqual([]);
    expect(orderFaults(about([queued('c', 1_000), queued('d', 2_000), decided('d', 3_000)]))).toHaveLength(1);
  });
  it('goes by effective priority first, by the settings in force', () => {
    const aged = settings(0, { priority: { initial: 5, increment: 1, everySeconds: 60, limit: 100 } }, 'care');
    const facts = [queued('c', 1_000), queued('d', 2_000, 'care'), decided('c', 3_000)];
    const both = said(['a', 'sales', 'care']);
    expect(orderFaults(about(facts, both))).toEqual([]);
    expect(orderFaults(about([aged, ...facts], both))).toHaveLength(1);
  });
  it('is of those whom the pass can have seen', () => {
    const came = (at: number) => [
      settings(0, { priority: { initial: 5, increment: 0, everySeconds: 60, limit: 100 } }, 'care'),
      queued('c', at, 'care'),
    ];
    const both = said(['a', 'sales', 'care']);
    expect(orderFaults(about([queued('d', 1_000), ...came(2_000), decided('d', 2_000)], both))).toEqual([]);
    expect(orderFaults(about([queued('d', 1_000), ...came(1_999), decided('d', 2_000)], both))).toHaveLength(1);
  });
  it('keeps the place of a retry', () => {
    const again = [
      queued('c', 1_000),
      decided('c', 1_000),
      failed('c', 2_000),
      queued('d', 3_000),
      fact('CallbackRequeued', 'callback-c', 4_000),
    ];
    expect(orderFaults(about([...again, decided('c', 5_000, undefined, 2)]))).toEqual([]);
    expect(orderFaults(about([...again, decided('d', 5_000)]))).toHaveLength(1);
  });
  it('passes over whom no agent is left for', () => {
    const facts = [queued('c', 1_000, 'care'), queued('d', 2_000), decided('d', 3_000)];
    expect(orderFaults(about(facts))).toEqual([]);
    expect(orderFaults(about(facts, said(['a', 'sales'], ['b', 'care'])))).toHaveLength(1);
  });
});

describe('a decision', () => {
  const faults = (facts: readonly Fact[], heard = said(['a', 'sales'])) => decisionFaults({ facts, said: heard });
  const one = [queued('c', 1_000), decided('c', 2_000)];
  it('may not be made twice for an attempt, unless the first was voided', () => {
    expect(faults(one)).toEqual([]);
    expect(faults([...one, failed('c', 3_000), decided('c', 4_000)])).toHaveLength(1);
    const voided = fact('AttemptVoided', 'dispatch', 3_000, { queue: 'sales', callbackId: 'c', attemptId: 'c.1' });
    expect(faults([...one, voided, decided('c', 4_000)])).toEqual([]);
  });
  it('may not go beyond ready agents, overlook attempts in flight, or know of agents of whom nothing was said', () => {
    expect(faults([queued('c', 1_000), decided('c', 2_000, { readyAgents: 1, inFlight: 1 })])[0]).toContain('beyond 1 ready agents');
    expect(faults([...one, queued('d', 3_000), decided('d', 4_000)])).toHaveLength(1);
    expect(faults([queued('c', 1_000), decided('c', 2_000, { readyAgents: 2, inFlight: 0 })])).toHaveLength(1);
  });
  it('may not be made in a stopped queue, or over the pacing, once that was set', () => {
    expect(faults([stopped(0), ...one])).toHaveLength(1);
    expect(faults([stopped(2_000), ...one])).toEqual([]);
    const next = [...one, queued('d', 3_000), decided('d', 4_000, { readyAgents: 2, inFlight: 1 })];
    const two = said(['a', 'sales'], ['b', 'sales']);
    expect(faults(next, two)).toEqual([]);
    expect(faults([settings(0, { pacing: 0.5 }), ...next], two)).toHaveLength(1);
  });
});

describe('a history', () => {
  const [wish] = trafficOf(1, FIRST_INSTANT, 1, 10);
  if (wish === undefined) throw new Error('no booking');
  const item = (type: string, at: number, data: object = {}): HistoryItem => ({
    ...{ type, at: iso(at), data: { ...data }, actor: { kind: 'process', name: '' } },
  });
  const of = (history: readonly HistoryItem[], more: Partial<Booked> = {}): Booked => ({
    ...{ wish: { ...wish, cancelAt: undefined }, id: 'c', cancelled: false, history, ...more },
  });
  const end = (reason: string, at = 9_000) => item('CallbackCompleted', at, { reason });
  const tried = (n: number) => item('CallbackAttemptFailed', n, { attemptId: `c.${n}`, counted: true });
  const started = (n: number) => item('CallbackAttemptStarted', n, { attemptId: `c.${n}` });
  const breaches = (...history: readonly HistoryItem[]) => historyBreaches(of(history), 1);

  it('has one end', () => {
    expect(breaches(item('CallbackConnected', 1), end('AGENT'))).toEqual([]);
    expect(breaches(item('CallbackQueued', 1))).toHaveLength(1);
    expect(breaches(item('CallbackConnected', 1), end('AGENT'), end('AGENT'))).toHaveLength(1);
  });
  it('explains its end', () => {
    expect(breaches(end('AGENT'))).toHaveLength(1);
    expect(breaches(end('ABANDONED'))).toHaveLength(1);
    expect(breaches(item('CallbackAttemptAnswered', 1), end('ABANDONED'))).toEqual([]);
    expect(breaches(tried(1), tried(2), end('ATTEMPTS_EXHAUSTED'))).toHaveLength(1);
    expect(breaches(tried(1), tried(2), tried(3), end('ATTEMPTS_EXHAUSTED'))).toEqual([]);
    expect(breaches(item('CallbackQueued', 0), end('PURGED_TIMEOUT', 59_999))).toHaveLength(1);
    expect(breaches(item('CallbackQueued', 0), end('PURGED_TIMEOUT', 60_000))).toEqual([]);
    expect(breaches(item('CallbackCancelled', 1, { reason: 'CANCELLED_BY_CLIENT' }))).toHaveLength(1);
    expect(breaches(end('REJECTED_BY_RULE'))).toHaveLength(1);
  });
  it('keeps the cancel that was answered', () => {
    const history = [item('CallbackConnected', 1), end('AGENT')];
    expect(historyBreaches(of(history, { cancelled: true }), 1)).toHaveLength(1);
  });
  it('has one live attempt at a time', () => {
    const rest = [item('CallbackConnected', 8_000), end('AGENT')];
    expect(breaches(started(1), tried(1), started(2), ...rest)).toEqual([]);
    expect(breaches(started(1), started(2), ...rest)).toHaveLength(1);
  });

  it('that lost its agent to a fault names that', () => {
    const run = (...history: readonly HistoryItem[]) => ({ booked: new Map([[0, of(history)]]) });
    const calm = run(item('CallbackConnected', 1), end('AGENT'));
    expect(lostWithoutReason(calm, run(end('ATTEMPTS_EXHAUSTED')))).toHaveLength(1);
    expect(lostWithoutReason(calm, run(item('CallbackAttemptFailed', 1, { outcome: 'TIMEOUT' }), end('ATTEMPTS_EXHAUSTED')))).toEqual([]);
    expect(lostWithoutReason(calm, calm)).toEqual([]);
  });
  it('is the same as that of another run by all but ids, keys and instants', () => {
    const run = (id: string, at: number, outcome: string) =>
      endsOf({ booked: new Map([[0, of([item('CallbackAttemptFailed', at, { attemptId: `${id}.1`, outcome, keyId: id })], { id })]]) });
    expect(run('first', 1, 'BUSY')).toEqual(run('second', 2, 'BUSY'));
    expect(run('first', 1, 'BUSY')).not.toEqual(run('first', 1, 'TIMEOUT'));
  });
  it('is told when it is the shortest that shows a breach', () => {
    const [short, long] = [[end('AGENT')], [started(1), started(2), end('AGENT')]];
    const text = told([{ sentence: 'c is long', history: long }, { sentence: 'd is short', history: short }, { sentence: 'no history' }]);
    expect(text).toContain('shortest: d is short\n  2026-03-02T10:00:09.000Z CallbackCompleted {"reason":"AGENT"}');
    expect(text).toContain('no history');
  });
});

describe('a matching', () => {
  it('moves attempts to other agents for one more', () => {
    const agents = [
      { id: 'a', queues: ['sales', 'care'] },
      { id: 'b', queues: ['sales'] },
    ];
    expect(mostServed(agents, ['sales', 'care'])).toBe(2);
    expect(mostServed(agents, ['care', 'care'])).toBe(1);
    expect(mostServed(agents, ['sales', 'sales', 'care'])).toBe(2);
  });
});

describe('the search for the least that fails', () => {
  const failing = (needed: readonly number[]) => async (some: readonly number[]) => needed.every((one) => some.includes(one));
  const all = Array.from({ length: 40 }, (_, n) => n);
  it('leaves out all that isn’t needed, and stops after so many tries', async () => {
    expect(await shrunk(all, failing([7, 31]), 1_000)).toEqual([7, 31]);
    expect((await shrunk(all, failing([7]), 2)).length).toBeLessThan(40);
    expect(await shrunk([1], failing([]), 10)).toEqual([]);
    expect(await shrunk([], failing([]), 10)).toEqual([]);
  });
});
