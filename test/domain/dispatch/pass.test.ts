import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AgentGroup, matcher } from '../../../src/domain/dispatch/matching.ts';
import { type Ageing, compareStanding, effectivePriority, type Standing } from '../../../src/domain/dispatch/order.ts';
import { type Admitted, dispatchPass } from '../../../src/domain/dispatch/pass.ts';
import { fitsAll, mostThatFit } from './oracle.ts';

const names = ['a', 'b', 'c', 'd'];
const NOW = 1_000_000_000;

const group = fc.record({ queues: fc.subarray(names).map((queues): ReadonlySet<string> => new Set(queues)), ready: fc.nat(3) });
const groups = fc.array(group, { maxLength: 4 });
const ageing = fc.record({
  ...{ initial: fc.nat(20), increment: fc.nat(5), everySeconds: fc.integer({ min: 1, max: 60 }), limit: fc.nat(30) },
});
type Waiting = { readonly id: string; readonly queue: string; readonly standing: Standing };

/** Lines as the live view hands them over: each in order, at `NOW`. */
const lines = fc
  .record({
    ages: fc.tuple(ageing, ageing, ageing, ageing),
    waiting: fc.array(fc.record({ queue: fc.nat(3), priority: fc.option(fc.nat(20), { nil: null }), waitedSeconds: fc.nat(300) }), {
      maxLength: 9,
    }),
  })
  .map(({ ages, waiting }): Waiting[] =>
    waiting.map(({ queue, priority, waitedSeconds }, index) => {
      const age: Ageing = ages[queue] ?? ages[0];
      const enteredAt = NOW - waitedSeconds * 1000;
      const id = `c-${index}`;
      const standing = { priority: effectivePriority({ initial: priority ?? age.initial, enteredAt }, age, NOW), enteredAt, id };
      return { id, queue: names[queue] ?? 'a', standing };
    }),
  );
const flying = fc.array(fc.constantFrom(...names), { maxLength: 4 });

/** Live callers, each with where he stands. */
type Caller = { readonly queue: string; readonly standing: Standing };
const callers = fc
  .array(fc.record({ queue: fc.constantFrom(...names), priority: fc.nat(30), waitedSeconds: fc.nat(300) }), { maxLength: 4 })
  .map((some): Caller[] =>
    some.map(({ queue, priority, waitedSeconds }) => ({ queue, standing: { priority, enteredAt: NOW - waitedSeconds * 1000, id: '' } })),
  );

const counted = (queues: readonly string[]) => {
  const counts = new Map<string, number>();
  for (const queue of queues) counts.set(queue, (counts.get(queue) ?? 0) + 1);
  return counts;
};
const inOrder = (waiting: readonly Waiting[]) => [...waiting].sort((x, y) => compareStanding(x.standing, y.standing));
const wholePass = (
  agents: readonly AgentGroup[],
  inFlight: readonly string[],
  waiting: readonly Waiting[],
  { pacing = 1, live = [] }: { readonly pacing?: number; readonly live?: readonly Caller[] } = {},
) =>
  dispatchPass(
    agents,
    counted(inFlight),
    names.map((queue) => ({
      queue,
      pacing,
      inOrder: inOrder(waiting.filter((one) => one.queue === queue))
        .map((callback) => ({ standing: callback.standing, callback }))
        .values(),
    })),
    names.map((queue) => ({
      queue,
      inOrder: live
        .filter((one) => one.queue === queue)
        .map(({ standing }) => standing)
        .sort(compareStanding)
        .values(),
    })),
  );
const pass = (...given: Parameters<typeof wholePass>): readonly Admitted<Waiting>[] => wholePass(...given).admitted;

describe('a matching pass', () => {
  it('takes callbacks in the one order across queues: nobody is passed over whom an agent could still have taken', () =>
    fc.assert(
      fc.property(groups, flying, lines, (agents, inFlight, waiting) => {
        // the greedy choice of 7.3 by trial: everybody in order, admitted when one more attempt can be matched
        const matched = [...inFlight];
        const expected: string[] = [];
        for (const one of inOrder(waiting)) {
          if (mostThatFit([...matched, one.queue], agents) === mostThatFit(matched, agents)) continue;
          matched.push(one.queue);
          expected.push(one.id);
        }
        expect(pass(agents, inFlight, waiting).map(({ callback }) => callback.id)).toEqual(expected);
      }),
      { numRuns: 300 },
    ));

  it('admits never more than ready agents could take, beside the attempts in flight', () =>
    fc.assert(
      fc.property(groups, flying, lines, (agents, inFlight, waiting) => {
        const admitted = pass(agents, inFlight, waiting).map(({ queue }) => queue);
        const before = mostThatFit(inFlight, agents);
        expect(mostThatFit([...inFlight, ...admitted], agents)).toBe(before + admitted.length);
        if (fitsAll(inFlight, agents)) expect(fitsAll([...inFlight, ...admitted], agents)).toBe(true);
      }),
      { numRuns: 300 },
    ));

  it('leaves no suitable agent idle while somebody waits', () =>
    fc.assert(
      fc.property(groups, flying, lines, (agents, inFlight, waiting) => {
        const admitted = pass(agents, inFlight, waiting);
        const all = [...inFlight, ...admitted.map(({ queue }) => queue)];
        const taken = new Set(admitted.map(({ callback }) => callback.id));
        for (const { id, queue } of waiting)
          if (!taken.has(id)) expect(mostThatFit([...all, queue], agents)).toBe(mostThatFit(all, agents));
      }),
      { numRuns: 300 },
    ));

  it('lets live callers who come before take their agents, and attempts have what is left', () =>
    fc.assert(
      fc.property(groups, flying, lines, callers, (agents, inFlight, waiting, live) => {
        const all = [...waiting, ...live.map((one) => ({ id: '', ...one }))].sort((x, y) => compareStanding(x.standing, y.standing));
        const matched = [...inFlight];
        const expected: string[] = [];
        for (const one of all) {
          if (mostThatFit([...matched, one.queue], agents) === mostThatFit(matched, agents)) continue;
          matched.push(one.queue);
          if (one.id !== '') expected.push(one.id);
        }
        expect(pass(agents, inFlight, waiting, { live }).map(({ callback }) => callback.id)).toEqual(expected);
      }),
      { numRuns: 200 },
    ));

  it('says of each line that is left why: nobody ready is left for it, or its queue uses its share', () =>
    fc.assert(
      fc.property(groups, flying, lines, fc.constantFrom(0.1, 0.5, 1), (agents, inFlight, waiting, pacing) => {
        const { admitted, heldBack } = wholePass(agents, inFlight, waiting, { pacing });
        const left = waiting.filter((one) => !admitted.some(({ callback }) => callback === one)).map(({ queue }) => queue);
        expect([...heldBack.keys()].sort()).toEqual([...new Set(left)].sort());
        const all = [...inFlight, ...admitted.map(({ queue }) => queue)];
        for (const [queue, { callback, by: because }] of heldBack) {
          expect(inOrder(waiting.filter((one) => one.queue === queue && !admitted.some((other) => other.callback === one)))[0]).toBe(
            callback,
          );
          const ready = agents.filter(({ queues }) => queues.has(queue)).reduce((sum, one) => sum + one.ready, 0);
          const used = all.filter((name) => name === queue).length;
          if (because === 'PACING') expect(used).toBeGreaterThanOrEqual(Math.ceil(ready * pacing));
          else expect(used >= ready || mostThatFit([...all, queue], agents) === mostThatFit(all, agents)).toBe(true);
        }
      }),
      { numRuns: 200 },
    ));

  it('uses no more than the share of ready agents that the queue allows, rounded up', () =>
    fc.assert(
      fc.property(groups, flying, lines, fc.integer({ min: 1, max: 10 }), (agents, inFlight, waiting, tenths) => {
        const admitted = pass(agents, inFlight, waiting, { pacing: tenths / 10 });
        for (const [queue, count] of counted([...inFlight, ...admitted.map((one) => one.queue)])) {
          const ready = agents.filter(({ queues }) => queues.has(queue)).reduce((sum, one) => sum + one.ready, 0);
          const before = inFlight.filter((name) => name === queue).length;
          expect(count).toBeLessThanOrEqual(Math.max(before, Math.ceil((ready * tenths) / 10)));
        }
      }),
      { numRuns: 300 },
    ));

  it('says what each decision was based on', () => {
    const agents = [{ queues: new Set(['a', 'b']), ready: 3 }];
    const waiting = ['c-1', 'c-2'].map((id) => ({ id, queue: 'a', standing: { priority: 0, enteredAt: NOW, id } }));
    const basis = (live: readonly Caller[]) =>
      pass(agents, ['b'], waiting, { live }).map(({ readyAgents, inFlight, liveCallers }) => ({ readyAgents, inFlight, liveCallers }));
    expect(basis([])).toEqual([
      { readyAgents: 3, inFlight: 0, liveCallers: 0 },
      { readyAgents: 3, inFlight: 1, liveCallers: 0 },
    ]);
    expect(basis([{ queue: 'a', standing: { priority: 1, enteredAt: NOW, id: '' } }])).toEqual([
      { readyAgents: 3, inFlight: 0, liveCallers: 1 },
    ]);
  });

  it('reads a long line no further than it admits', () => {
    let read = 0;
    function* endless() {
      for (;;) {
        read++;
        const standing = { priority: 0, enteredAt: NOW + read, id: `c-${read}` };
        yield { standing, callback: read };
      }
    }
    const { admitted } = dispatchPass([{ queues: new Set(['a']), ready: 5 }], new Map(), [{ queue: 'a', pacing: 1, inOrder: endless() }]);
    expect(admitted).toHaveLength(5);
    expect(read).toBe(6);
  });
});

describe('the matcher', () => {
  it('moves those admitted to other agents when that makes room', () => {
    const fits = matcher([
      { queues: new Set(['a', 'b']), ready: 1 },
      { queues: new Set(['a']), ready: 1 },
    ]);
    expect([fits('a'), fits('b'), fits('a')]).toEqual([true, true, false]);
  });
  it('admits as many as a maximum matching holds, in whatever order they ask', () =>
    fc.assert(
      fc.property(groups, fc.array(fc.constantFrom(...names), { maxLength: 8 }), (agents, attempts) => {
        const fits = matcher(agents);
        expect(attempts.filter((queue) => fits(queue)).length).toBe(mostThatFit(attempts, agents));
      }),
      { numRuns: 300 },
    ));
});
