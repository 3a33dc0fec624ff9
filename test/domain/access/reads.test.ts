import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideAccess } from '../../../src/domain/access/decider.ts';
import type { AccessEvent } from '../../../src/domain/access/events.ts';
import { mayRead, readsOf, visibleConfiguration } from '../../../src/domain/access/reads.ts';
import { type AccessState, evolve, initialAccess } from '../../../src/domain/access/state.ts';
import { initialConfiguration } from '../../../src/domain/configuration/state.ts';
import { accessAfter, command, fact, naming } from './desk.ts';

const limited = (reads: Extract<AccessEvent, { type: 'AccessGroupPut' }>['data']['reads']) => fact.group('Team', { reads });
const read = (...events: AccessEvent[]) => {
  const reads = readsOf(accessAfter(...events).state, ['Team']);
  return reads === 'all' ? 'all' : [...reads].sort();
};
const world = [fact.folder('World', null, ['hq']), fact.folder('Europe', 'World', ['paris']), fact.folder('France', 'Europe', ['lyon'])];
const everything = { folder: 'World', propagate: true, covers: [] };
const only = (...covers: string[]) => ({ folder: 'World', propagate: false, covers });

describe('what a group reads', () => {
  it('is every queue, unless it is limited; nobody in no group reads any', () => {
    expect(read(limited(null))).toBe('all');
    expect(read(limited([]))).toEqual([]);
    expect(read(limited([{ queue: 'paris' }]))).toEqual(['paris']);
    expect(readsOf(initialAccess, [])).toEqual(new Set());
    expect(readsOf(initialAccess, ['Nowhere'])).toEqual(new Set());
  });
  it('of a folder that is propagated takes in its subfolders, and what comes to either later', () => {
    expect(read(...world, limited([everything]))).toEqual(['hq', 'lyon', 'paris']);
    expect(read(limited([everything]), ...world, fact.folder('Asia', 'World', ['tokyo']))).toEqual(['hq', 'lyon', 'paris', 'tokyo']);
  });
  it('of a folder that isn’t is what lay in it then and still does', () => {
    expect(read(...world, limited([only('hq')]))).toEqual(['hq']);
    expect(read(...world, limited([only('hq')]), fact.folder('World', null, ['hq', 'new']))).toEqual(['hq']);
    expect(read(...world, limited([only('hq')]), fact.folder('World', null, ['new']))).toEqual([]);
  });
  it('ends with a loop that a log may hold', () =>
    expect(read(fact.folder('World', 'France', ['hq']), ...world.slice(1), limited([everything]))).toEqual(['hq', 'lyon', 'paris']));
  it('goes as deep as folders do', () => {
    const deep = Array.from(
      { length: 20_000 },
      (_, i) => [`f${i}`, { revision: 0n, updatedAt: '', updatedBy: '', parent: i === 0 ? null : `f${i - 1}`, queues: [`q${i}`] }] as const,
    );
    const state = { ...accessAfter(limited([{ folder: 'f0', propagate: true, covers: [] }])).state, folders: new Map(deep) };
    expect(readsOf(state, ['Team'])).toHaveProperty('size', 20_000);
  });
});

describe('a configuration as somebody sees it', () => {
  const row = { own: {}, updatedAt: '', updatedBy: '', revision: 0n };
  const configuration = { ...initialConfiguration, queues: new Map(['default', 'paris', 'rome'].map((queue) => [queue, row])) };
  it('has the queues he reads, and the default row', () => {
    expect([...visibleConfiguration(configuration, new Set(['rome', 'gone'])).queues.keys()]).toEqual(['default', 'rome']);
    expect(visibleConfiguration(configuration, 'all')).toBe(configuration);
  });
  it('is made once, and anew when queues change', () => {
    const reads = new Set(['rome', 'oslo']);
    expect(visibleConfiguration(configuration, reads)).toBe(visibleConfiguration(configuration, reads));
    const more = { ...configuration, queues: new Map(configuration.queues).set('oslo', row) };
    expect([...visibleConfiguration(more, reads).queues.keys()]).toEqual(['default', 'rome', 'oslo']);
  });
});

const folders = ['f1', 'f2', 'f3', 'f4'];
const queues = ['q1', 'q2', 'q3', 'q4', 'q5'];
const groups = ['g1', 'g2', 'g3'];
type Grant = { queue: string } | { folder: string; propagate: boolean };
type Step =
  | { readonly put: 'folder'; readonly folder: string; readonly parent: string | null; readonly queues: string[] }
  | { readonly put: 'group'; readonly group: string; readonly reads: Grant[] | null };
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    put: fc.constant('folder' as const),
    folder: fc.constantFrom(...folders),
    parent: fc.option(fc.constantFrom(...folders)),
    queues: fc.subarray(queues),
  }),
  fc.record({
    put: fc.constant('group' as const),
    group: fc.constantFrom(...groups),
    reads: fc.option(
      fc.array(
        fc.oneof(
          fc.record({ queue: fc.constantFrom(...queues) }),
          fc.record({ folder: fc.constantFrom(...folders), propagate: fc.boolean() }),
        ),
        { maxLength: 3 },
      ),
      { freq: 6 },
    ),
  }),
);

/** 8.2 said the other way round: for one queue, whether any grant of any group reaches it. */
const oracle = (steps: readonly Step[], accepted: readonly boolean[], group: string, queue: string): boolean => {
  const done = steps.filter((_, i) => accepted[i]);
  const folderAt = (name: string, index: number) => done.slice(0, index).findLast((step) => step.put === 'folder' && step.folder === name);
  const lies = (name: string, index: number): boolean => {
    const folder = folderAt(name, index);
    return folder?.put === 'folder' && folder.queues.includes(queue);
  };
  const isBelow = (name: string, ancestor: string): boolean => {
    if (name === ancestor) return true;
    const folder = folderAt(name, done.length);
    return folder?.put === 'folder' && folder.parent !== null && isBelow(folder.parent, ancestor);
  };
  const granted = done.findLastIndex((step) => step.put === 'group' && step.group === group);
  const step = done[granted];
  if (step?.put !== 'group') return false;
  if (step.reads === null) return true;
  return step.reads.some((grant) => {
    if ('queue' in grant) return grant.queue === queue;
    if (!grant.propagate) return lies(grant.folder, granted) && lies(grant.folder, done.length);
    return folders.some((name) => lies(name, done.length) && isBelow(name, grant.folder));
  });
};

describe('whatever folders and groups there are', () => {
  it('a user reads exactly what one of the groups reads', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 25, size: 'max' }), fc.subarray(groups), (steps, own) => {
        let state: AccessState = initialAccess;
        const accepted = steps.map((step, index) => {
          const nameable = naming(...queues);
          const { put: _, ...rest } = step;
          const precondition = 'folder' in rest ? state.folders.has(rest.folder) : state.groups.has(rest.group);
          const guarded = { nameable, precondition: precondition ? ({ ifMatch: '*' } as const) : {} };
          const decision = decideAccess(
            'folder' in rest ? command.folder(rest.folder, { ...rest, ...guarded }) : command.group(rest.group, { ...rest, ...guarded }),
            state,
          );
          if (!decision.ok) return false;
          for (const event of decision.events) state = evolve(state, { event, revision: BigInt(index), by: 'ann' });
          return decision.events.length > 0;
        });
        const reads = readsOf(state, own);
        for (const queue of queues) expect(mayRead(reads, queue), queue).toBe(own.some((group) => oracle(steps, accepted, group, queue)));
      }),
      { numRuns: 500 },
    );
  });
});
