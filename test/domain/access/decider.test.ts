import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/domain/access/events.ts';
import { predefinedGroups } from '../../../src/domain/access/roles.ts';
import { etagOf, membersOf } from '../../../src/domain/access/state.ts';
import { accessAfter, anyVersion, command, fact, later, naming, now } from './desk.ts';

const invalid = (path: string, message: string) => ({ code: 'INVALID_ACCESS', errors: [{ path, message }] }) as const;
const admin = [fact.user('root', ['Administrators']), fact.token('root', 't-root')];
const last = { code: 'LAST_ADMINISTRATOR' } as const;

describe('an API key', () => {
  it('is created with each right and origin once', () =>
    accessAfter()
      .when(command.key({ rights: ['callbacks', 'callbacks'], origins: ['https://a.example', 'https://a.example'] }))
      .then({
        type: 'ApiKeyCreated',
        data: {
          ...{ keyName: 'shop', apiKeyId: 'k', hash: 'h', rights: ['callbacks'], origins: ['https://a.example'], expiresAt: null },
          ...{ limits: defaultLimits, bootstrap: false, at: now },
        },
      }));
  it('needs a right, a name of its own, and an end that lies ahead', () => {
    accessAfter()
      .when(command.key({ rights: [] }))
      .refused(invalid('rights', 'must name at least one right'));
    accessAfter()
      .when(command.key({ expiresAt: now }))
      .refused(invalid('expiresAt', 'must lie in the future'));
    accessAfter(fact.key('shop', 'k-1')).when(command.key()).refused({ code: 'KEY_NAME_TAKEN' });
  });
  it('is revoked once, and its name is free again', () => {
    const revoked = { type: 'ApiKeyRevoked', data: { keyName: 'shop', apiKeyId: 'k-1', at: now } } as const;
    const revoke = { type: 'RevokeApiKey', apiKeyId: 'k-1', precondition: anyVersion, now } as const;
    accessAfter(fact.key('shop', 'k-1')).when(revoke).then(revoked);
    accessAfter(fact.key('shop', 'k-1'))
      .when({ ...revoke, precondition: { ifMatch: '"7"' } })
      .refused({ code: 'PRECONDITION_FAILED' });
    accessAfter(fact.key('shop', 'k-1'), revoked).when(revoke).refused({ code: 'UNKNOWN_API_KEY' });
    expect(accessAfter(fact.key('shop', 'k-1'), revoked).when(command.key()).gives()).toHaveLength(1);
  });
});

describe('a user', () => {
  it('is in groups that exist', () => {
    accessAfter()
      .when(command.user('ann', ['Managers', 'Nowhere'], { precondition: {} }))
      .refused(invalid('groups[1]', 'must be an access group that exists'));
    accessAfter()
      .when(command.user('ann', ['Managers', 'Agents', 'Agents'], { precondition: {} }))
      .then(fact.user('ann', ['Agents', 'Managers']));
  });
  it('keeps the password that isn’t given, and loses it when asked to', () => {
    const ann = accessAfter(fact.user('ann', ['Agents'], 'p1'));
    ann.when(command.user('ann', ['Managers'])).then(fact.user('ann', ['Managers'], 'p1'));
    ann.when(command.user('ann', ['Agents'])).nothing();
    ann.when(command.user('ann', ['Agents'], { passwordHash: null })).then(fact.user('ann', ['Agents']));
  });
  it('is guarded: what is there isn’t made again, what isn’t isn’t edited, what moved isn’t overwritten', () => {
    const ann = accessAfter(fact.user('ann'), fact.user('ann', ['Agents']));
    const put = (precondition: object) => command.user('ann', ['Managers'], { precondition });
    expect(ann.state.users.get('ann') && etagOf(ann.state.users.get('ann') ?? { revision: null })).toBe('"1"');
    ann.when(put({ ifMatch: '"1"' })).then(fact.user('ann', ['Managers']));
    ann.when(put({ ifMatch: '"0"' })).refused({ code: 'PRECONDITION_FAILED' });
    ann.when(put({ ifNoneMatch: '*' })).refused({ code: 'PRECONDITION_FAILED' });
    ann.when(put({})).refused({ code: 'PRECONDITION_REQUIRED' });
    accessAfter()
      .when(put({ ifMatch: '*' }))
      .refused({ code: 'PRECONDITION_FAILED' });
  });
  it('gets tokens only while there, and made again has none of the old ones', () => {
    const issue = { type: 'IssueUserToken', user: 'ann', tokenId: 't', hash: 'hash of t', expiresAt: later, now } as const;
    accessAfter().when(issue).refused({ code: 'UNKNOWN_USER' });
    accessAfter(fact.user('ann'))
      .when({ ...issue, expiresAt: now })
      .refused(invalid('expiresAt', 'must lie in the future'));
    accessAfter(fact.user('ann'))
      .when(issue)
      .then(fact.token('ann', 't', later));
    const again = accessAfter(
      fact.user('ann'),
      fact.token('ann', 't'),
      { type: 'UserDeleted', data: { user: 'ann', at: now } },
      fact.user('ann'),
    );
    expect(again.state.tokens.size).toBe(0);
  });
  it('has one token revoked, or all', () => {
    const ann = accessAfter(fact.user('ann'), fact.token('ann', 't-1'), fact.token('ann', 't-2'), fact.token('bob', 't-3'));
    const revoke = { type: 'RevokeUserTokens', user: 'ann', now } as const;
    ann.when(revoke).then(fact.tokenRevoked('ann', 't-1'), fact.tokenRevoked('ann', 't-2'));
    ann.when({ ...revoke, tokenId: 't-2' }).then(fact.tokenRevoked('ann', 't-2'));
    ann.when({ ...revoke, tokenId: 't-3' }).refused({ code: 'UNKNOWN_TOKEN' });
    ann.when({ ...revoke, user: 'eve' }).refused({ code: 'UNKNOWN_USER' });
  });
});

describe('an access group', () => {
  it('has members, queues and folders that exist', () => {
    const known = accessAfter(fact.user('ann'), fact.folder('Europe', null, ['paris']));
    const put = (more: object) => command.group('Team', { precondition: {}, nameable: naming('paris'), ...more });
    known.when(put({ members: ['ann', 'eve'] })).refused(invalid('members[1]', 'must be a user who exists'));
    known.when(put({ reads: [{ queue: 'rome' }] })).refused(invalid('reads[0].queue', 'must be a queue that exists'));
    known.when(put({ reads: [{ folder: 'Asia', propagate: true }] })).refused(invalid('reads[0].folder', 'must be a folder that exists'));
    const reads = [{ queue: 'paris' }, { folder: 'Europe', propagate: true }, { folder: 'Europe', propagate: false }];
    const covering = [
      { queue: 'paris' },
      { folder: 'Europe', propagate: true, covers: [] },
      { folder: 'Europe', propagate: false, covers: ['paris'] },
    ];
    known
      .when(put({ roles: ['Monitor', 'Supervisor', 'Monitor'], members: ['ann'], reads }))
      .then(fact.group('Team', { roles: ['Supervisor', 'Monitor'], members: ['ann'], reads: covering }));
  });
  it('has as members whom either side said last, and both sides’ etags move', () => {
    const { state } = accessAfter(fact.user('ann', ['Agents']), fact.user('bob'), fact.group('Agents', { members: ['bob'] }));
    expect(membersOf(state, 'Agents')).toEqual(['bob']);
    expect([...(state.users.get('ann')?.groups ?? [])]).toEqual([]);
    expect(['ann', 'bob'].map((name) => state.users.get(name)?.revision)).toEqual([2n, 2n]);
    const { state: after } = accessAfter(fact.user('bob'), fact.group('Agents'), fact.user('bob', ['Agents']));
    expect(membersOf(after, 'Agents')).toEqual(['bob']);
    expect(after.groups.get('Agents')?.revision).toBe(2n);
  });
  it('that is predefined is there from the start, may be changed, and stays', () => {
    const { state, when } = accessAfter();
    expect([...state.groups.keys()]).toEqual(Object.keys(predefinedGroups));
    when(command.group('Agents', { roles: ['Monitor'], precondition: { ifMatch: '"predefined"' } })).then(
      fact.group('Agents', { roles: ['Monitor'] }),
    );
    when(command.group('Agents', { roles: ['Monitor'], precondition: { ifNoneMatch: '*' } })).refused({ code: 'PRECONDITION_FAILED' });
    when({ type: 'DeleteAccessGroup', group: 'Agents', precondition: anyVersion, now }).refused({ code: 'PREDEFINED_GROUP' });
  });
  it('that is deleted has no members any more, also when it is made again', () => {
    const deleted = { type: 'AccessGroupDeleted', data: { group: 'Team', at: now } } as const;
    const made = [fact.user('ann'), fact.group('Team', { members: ['ann'] })];
    const remove = { type: 'DeleteAccessGroup', group: 'Team', precondition: anyVersion, now } as const;
    accessAfter(...made)
      .when(remove)
      .then(deleted);
    accessAfter().when(remove).refused({ code: 'UNKNOWN_ACCESS_GROUP' });
    expect(membersOf(accessAfter(...made, deleted, fact.group('Team')).state, 'Team')).toEqual([]);
  });
});

describe('a folder', () => {
  it('lies in one that exists, and never in itself', () => {
    const folders = [fact.folder('World'), fact.folder('Europe', 'World'), fact.folder('France', 'Europe')];
    const put = (folder: string, parent: string | null) => accessAfter(...folders).when(command.folder(folder, { parent }));
    put('World', 'Mars').refused(invalid('parent', 'must be a folder that exists'));
    put('World', 'World').refused(invalid('parent', 'must not lie inside this folder'));
    put('World', 'France').refused(invalid('parent', 'must not lie inside this folder'));
    put('France', 'World').then(fact.folder('France', 'World'));
    put('Europe', 'World').nothing();
  });
  it('holds queues that exist, or that were in it before they were deleted', () => {
    const europe = accessAfter(fact.folder('Europe', null, ['paris']));
    europe.when(command.folder('Europe', { queues: ['paris', 'rome'] })).refused(invalid('queues[1]', 'must be a queue that exists'));
    europe
      .when(command.folder('Europe', { queues: ['rome', 'paris'], nameable: naming('rome') }))
      .then(fact.folder('Europe', null, ['paris', 'rome']));
  });
  it('keeps what the one who changes it can’t see in it, and he can’t add that', () => {
    const nameable = { queues: new Set(['paris', 'rome', 'oslo']), reads: new Set(['rome']) };
    const europe = accessAfter(fact.folder('Europe', null, ['paris']));
    europe.when(command.folder('Europe', { queues: ['rome'], nameable })).then(fact.folder('Europe', null, ['paris', 'rome']));
    europe.when(command.folder('Europe', { queues: ['oslo'], nameable })).refused(invalid('queues[0]', 'must be a queue that exists'));
  });
  it('can’t be deleted while it holds folders, or groups read it', () => {
    const remove = { type: 'DeleteFolder', folder: 'Europe', precondition: anyVersion, now } as const;
    const europe = fact.folder('Europe');
    const reads = [{ folder: 'Europe', propagate: true, covers: [] }];
    accessAfter(europe, fact.folder('France', 'Europe'), fact.group('Team', { reads }))
      .when(remove)
      .refused({ code: 'FOLDER_IN_USE', by: ['the folder France', 'the access group Team'] });
    accessAfter(europe)
      .when(remove)
      .then({ type: 'FolderDeleted', data: { folder: 'Europe', at: now } });
    accessAfter().when(remove).refused({ code: 'UNKNOWN_FOLDER' });
  });
});

describe('the last administrator who can sign in', () => {
  it('stays, by whatever way he would go', () => {
    const ways = [
      command.user('root', []),
      command.group('Administrators', { members: [], roles: ['Administrator'] }),
      command.group('Administrators', { members: ['root'] }),
      { type: 'DeleteUser', user: 'root', precondition: anyVersion, now },
      { type: 'RevokeUserTokens', user: 'root', now },
    ] as const;
    for (const way of ways)
      accessAfter(...admin)
        .when(way)
        .refused(last);
    accessAfter(fact.group('Custom', { roles: ['Administrator'] }), fact.user('root', ['Custom'], 'p'))
      .when({ type: 'DeleteAccessGroup', group: 'Custom', precondition: anyVersion, now })
      .refused(last);
  });
  it('may go once another can take over: one who has a password, or a token in force', () => {
    const remove = { type: 'DeleteUser', user: 'root', precondition: anyVersion, now } as const;
    const gone = { type: 'UserDeleted', data: { user: 'root', at: now } } as const;
    const second = fact.user('second', ['Administrators']);
    accessAfter(...admin, second)
      .when(remove)
      .refused(last);
    accessAfter(...admin, second, fact.token('second', 't', now))
      .when(remove)
      .refused(last);
    accessAfter(...admin, second, fact.token('second', 't', later))
      .when(remove)
      .then(gone);
    accessAfter(...admin, fact.user('second', ['Administrators'], 'p'))
      .when(remove)
      .then(gone);
  });
  it('is nobody’s matter where there is none', () => {
    accessAfter(fact.user('ann', ['Administrators']))
      .when({ type: 'DeleteUser', user: 'ann', precondition: anyVersion, now })
      .then({ type: 'UserDeleted', data: { user: 'ann', at: now } });
  });
});
