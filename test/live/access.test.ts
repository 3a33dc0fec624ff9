import { describe, expect, it } from 'vitest';
import { type AccessEvent, defaultLimits } from '../../src/domain/access/events.ts';
import { accessView } from '../../src/live/access.ts';
import { fact, later, now } from '../domain/access/desk.ts';
import { memoryLog } from './log.ts';

const NOW = Date.parse(now);
const LATER = Date.parse(later);
const viewAfter = (...events: AccessEvent[]) => {
  const view = accessView();
  const log = memoryLog();
  const tell = (...more: AccessEvent[]) => {
    for (const event of log.append('access', ...more)) view.apply(event);
  };
  tell(...events);
  return { view, tell };
};
const root = [fact.user('root', ['Administrators']), fact.token('root', 't')];

describe('who a credential stands for', () => {
  it('is known by its hash, and nobody else is', () => {
    const { view } = viewAfter(fact.key('shop', 'k'), ...root);
    expect(view.principalOf('hash of k', NOW)).toEqual({
      ...{ kind: 'client', id: 'k', name: 'shop', rights: ['callbacks'], origins: ['https://a.example'], limits: defaultLimits },
    });
    const user = { kind: 'user', id: 'root', name: 'root', groups: ['Administrators'], roles: ['Administrator'], reads: 'all' };
    expect(view.principalOf('hash of t', NOW)).toEqual(user);
    expect(view.principalOf('k', NOW)).toBeUndefined();
    expect(view.principalOf('', NOW)).toBeUndefined();
  });
  it('is nobody from the instant on at which it expires', () => {
    const { view } = viewAfter(fact.key('shop', 'k', later), fact.user('ann'), fact.token('ann', 't', later));
    for (const hash of ['hash of k', 'hash of t']) {
      expect(view.principalOf(hash, LATER - 1)).toBeDefined();
      expect(view.principalOf(hash, LATER)).toBeUndefined();
    }
  });
  it('is nobody once it is revoked, or its user is gone, even if one of that name comes again', () => {
    const { view, tell } = viewAfter(fact.key('shop', 'k'), ...root, fact.user('ann'), fact.token('ann', 't-ann'));
    tell(
      { type: 'ApiKeyRevoked', data: { keyName: 'shop', apiKeyId: 'k', at: now } },
      fact.tokenRevoked('root', 't'),
      { type: 'UserDeleted', data: { user: 'ann', at: now } },
      fact.user('ann', ['Administrators']),
    );
    for (const hash of ['hash of k', 'hash of t', 'hash of t-ann']) expect(view.principalOf(hash, NOW)).toBeUndefined();
  });
  it('is the same thing until something changes, and then what it is now', () => {
    const { view, tell } = viewAfter(...root);
    const before = view.principalOf('hash of t', NOW);
    tell({ type: 'SignInFailed', data: { user: 'root', because: 'WRONG_PASSWORD', at: now } });
    expect(view.principalOf('hash of t', NOW)).toBe(before);
    tell(fact.group('Administrators', { members: ['root'], roles: ['Monitor'], reads: [{ queue: 'q' }] }));
    expect(view.principalOf('hash of t', NOW)).toMatchObject({ roles: ['Monitor'], reads: new Set(['q']) });
  });
  it('has the roles of all groups and reads what any of them reads; without a group, nothing', () => {
    const { view } = viewAfter(
      fact.user('ann'),
      fact.group('A', { roles: ['Monitor'], members: ['ann'], reads: [{ queue: 'a' }] }),
      fact.group('B', { roles: ['Developer', 'Monitor'], members: ['ann'], reads: [{ queue: 'b' }] }),
      fact.user('nobody'),
    );
    expect(view.userNamed('ann')).toMatchObject({ roles: ['Monitor', 'Developer'], reads: new Set(['a', 'b']) });
    expect(view.userNamed('nobody')).toMatchObject({ roles: [], reads: new Set() });
    expect(view.userNamed('eve')).toBeUndefined();
  });
});

describe('a user of an identity provider', () => {
  it('is in those of the groups that are here', () => {
    const { view, tell } = viewAfter();
    expect(view.userIn('issuer|7', 'Ann', ['Managers', 'Elsewhere', 'constructor'])).toEqual({
      ...{ kind: 'user', id: 'issuer|7', name: 'Ann', groups: ['Managers'], roles: ['Monitor'], reads: 'all' },
    });
    tell(fact.group('Managers', { reads: [] }));
    expect(view.userIn('issuer|7', 'Ann', ['Managers'])).toMatchObject({ roles: [], reads: new Set() });
  });
});

describe('origins', () => {
  it('are those of keys in force, with a right that counts there', () => {
    const { view, tell } = viewAfter(fact.key('shop', 'k', later));
    expect([...view.origins(NOW, ['callbacks'])]).toEqual(['https://a.example']);
    expect([...view.origins(NOW, ['connector'])]).toEqual([]);
    expect([...view.origins(LATER, ['callbacks'])]).toEqual([]);
    tell({ type: 'ApiKeyRevoked', data: { keyName: 'shop', apiKeyId: 'k', at: now } });
    expect([...view.origins(NOW, ['callbacks'])]).toEqual([]);
  });
});
