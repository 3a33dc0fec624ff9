import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccessCommand } from '../../../src/domain/access/commands.ts';
import { decideAccess } from '../../../src/domain/access/decider.ts';
import type { AccessEvent } from '../../../src/domain/access/events.ts';
import { readsOf } from '../../../src/domain/access/reads.ts';
import { type AccessState, evolve } from '../../../src/domain/access/state.ts';
import { accessAfter, command, fact, now } from './desk.ts';

const PARIS = new Set(['paris']);
const nameable = { queues: new Set(['paris', 'rome']), reads: PARIS };
/** eve administers paris alone; root everything. */
const world: AccessEvent[] = [
  ...[fact.user('root', ['Administrators']), fact.token('root', 't'), fact.user('eve'), fact.user('bob')],
  ...[fact.folder('France', null, ['paris']), fact.folder('Italy', null, ['rome'])],
  fact.group('French', { roles: ['Administrator'], members: ['eve'], reads: [{ folder: 'France', propagate: true, covers: [] }] }),
  fact.group('Italian', { reads: [{ queue: 'rome' }] }),
];
const { state } = accessAfter(...world);
const asEve = (asked: AccessCommand) => {
  const decided = decideAccess(asked, state, PARIS);
  return decided.ok ? 'done' : decided.refusal.code;
};
const token = (user: string): AccessCommand => ({ type: 'IssueUserToken', user, tokenId: 'new', hash: 'h', expiresAt: null, now });

describe('somebody who reads some queues gives nobody more', () => {
  const refused: [string, AccessCommand][] = [
    ['by opening a group to every queue', command.group('French', { roles: ['Administrator'], members: ['eve'], reads: null, nameable })],
    ['by a new group that reads every queue', command.group('New', { reads: null, nameable, precondition: {} })],
    ['by a folder that isn’t his', command.group('French', { members: ['eve'], reads: [{ folder: 'Italy', propagate: true }], nameable })],
    ['by moving such a folder below his', command.folder('Italy', { parent: 'France', nameable })],
    ['by coming into a group that reads more', command.user('eve', ['French', 'Italian'])],
    ['by bringing somebody into one', command.user('bob', ['Agents'])],
    ['by naming somebody a member of one', command.group('Italian', { members: ['bob'], reads: [], nameable })],
    ['by a token of somebody who reads more', token('root')],
    ['by a password of such a one', command.user('root', ['Administrators'], { passwordHash: 'h' })],
  ];
  it.each(refused)('%s', (_, asked) => {
    expect(asEve(asked)).toBe('READS_MORE');
    const asRoot = 'nameable' in asked ? { ...asked, nameable: { ...nameable, reads: 'all' as const } } : asked;
    expect(decideAccess(asRoot, state).ok).toBe(true);
  });

  const done: [string, AccessCommand][] = [
    ['in his own group', command.user('bob', ['French'])],
    ['a token', token('eve')],
    ['a password', command.user('eve', ['French'], { passwordHash: 'h' })],
    ['a group of his queues', command.group('New', { members: ['bob'], reads: [{ queue: 'paris' }], nameable, precondition: {} })],
    ['a folder of them', command.folder('Rest', { queues: ['paris'], parent: 'Italy', nameable, precondition: {} })],
  ];
  it.each(done)('but gives %s', (_, asked) => expect(asEve(asked)).toBe('done'));
  it('but takes away', () => {
    expect(asEve({ type: 'RevokeUserTokens', user: 'bob', tokenId: 'none', now })).toBe('UNKNOWN_TOKEN');
    expect(asEve({ type: 'DeleteUser', user: 'bob', precondition: { ifMatch: '*' }, now })).toBe('done');
    expect(asEve({ type: 'DeleteAccessGroup', group: 'Italian', precondition: { ifMatch: '*' }, now })).toBe('done');
  });

  const queues = ['paris', 'rome', 'oslo'];
  const [users, groups, folders] = [
    ['u1', 'u2'],
    ['Administrators', 'g1', 'g2'],
    ['f1', 'f2', 'f3'],
  ];
  const some = (from: readonly string[]) => fc.subarray([...from]);
  const anyRead = fc.oneof(
    fc.constantFrom(...queues).map((queue) => ({ queue })),
    fc.record({ folder: fc.constantFrom(...folders), propagate: fc.boolean() }),
  );
  const anyFact: fc.Arbitrary<AccessEvent> = fc.oneof(
    fc.tuple(fc.constantFrom(...users), some(groups)).map(([user, of]) => fact.user(user, of)),
    fc
      .tuple(fc.constantFrom(...groups), some(users), fc.option(fc.array(anyRead, { maxLength: 2 })))
      .map(([group, members, reads]) =>
        fact.group(group, { members, reads: reads?.map((read) => ('queue' in read ? read : { ...read, covers: queues })) ?? null }),
      ),
    fc
      .tuple(fc.constantFrom(...folders), fc.option(fc.constantFrom(...folders)), some(queues))
      .map(([folder, parent, of]) => fact.folder(folder, parent, of)),
  );
  const anyCommand = (reads: ReadonlySet<string>): fc.Arbitrary<AccessCommand> => {
    const own = { queues: new Set(queues), reads };
    return fc.oneof(
      fc.tuple(fc.constantFrom(...users), some(groups)).map(([user, of]) => command.user(user, of)),
      fc
        .tuple(fc.constantFrom(...groups), some(users), fc.option(fc.array(anyRead, { maxLength: 2 })))
        .map(([group, members, asked]) => command.group(group, { members, reads: asked, nameable: own })),
      fc
        .tuple(fc.constantFrom(...folders), fc.option(fc.constantFrom(...folders)), some(queues))
        .map(([folder, parent, of]) => command.folder(folder, { parent, queues: of, nameable: own })),
    );
  };
  const readOf = (at: AccessState, user: string): string[] => {
    const reads = readsOf(at, at.users.get(user)?.groups ?? []);
    return reads === 'all' ? ['every queue', ...queues] : [...reads];
  };

  it('whatever groups, folders and users there are, and whatever he changes', () => {
    let accepted = 0;
    const anyCase = some(queues).chain((own) => {
      const reads = new Set(own);
      return fc.tuple(fc.constant(reads), fc.array(anyFact, { maxLength: 12 }), anyCommand(reads));
    });
    fc.assert(
      fc.property(anyCase, ([reads, facts, asked]) => {
        const before = accessAfter(...facts).state;
        const decided = decideAccess(asked, before, reads);
        if (!decided.ok) return;
        const after = decided.events.reduce((folded, event) => evolve(folded, { event, revision: 99n, by: 'eve' }), before);
        if (after !== before) accepted++;
        for (const user of after.users.keys()) {
          const had = readOf(before, user);
          expect(readOf(after, user).filter((queue) => !had.includes(queue) && !reads.has(queue))).toEqual([]);
        }
      }),
      { numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });
});
