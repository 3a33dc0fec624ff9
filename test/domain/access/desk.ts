import type { AccessCommand, AccessCommandOf, AccessRefusal, Nameable } from '../../../src/domain/access/commands.ts';
import { decideAccess } from '../../../src/domain/access/decider.ts';
import { type AccessEvent, defaultLimits } from '../../../src/domain/access/events.ts';
import { type AccessFact, type AccessState, evolve, initialAccess } from '../../../src/domain/access/state.ts';
import type { Decider } from '../../../src/domain/kit/decider.ts';
import { given } from '../../support/given.ts';

export const now = '2026-03-02T10:00:00.000Z';
export const later = '2026-03-02T11:00:00.000Z';
export const anyVersion = { ifMatch: '*' } as const;

/** Decided on facts, deciding events. */
const decider: Decider<AccessState, AccessCommand, AccessFact | AccessEvent, AccessRefusal> = {
  initial: initialAccess,
  evolve: (state, fact) => ('event' in fact ? evolve(state, fact) : state),
  decide: decideAccess,
};
export const accessAfter = (...events: AccessEvent[]) =>
  given(decider)(...events.map((event, index) => ({ event, revision: BigInt(index), by: 'ann' })));

export const fact = {
  user: (user: string, groups: string[] = [], passwordHash: string | null = null): AccessEvent => ({
    ...{ type: 'UserPut', data: { user, passwordHash, groups, at: now } },
  }),
  token: (user: string, tokenId: string, expiresAt: string | null = null): AccessEvent => ({
    ...{ type: 'UserTokenIssued', data: { user, tokenId, hash: `hash of ${tokenId}`, expiresAt, bootstrap: false, at: now } },
  }),
  tokenRevoked: (user: string, tokenId: string): AccessEvent => ({ type: 'UserTokenRevoked', data: { user, tokenId, at: now } }),
  group: (
    group: string,
    data: Partial<Omit<Extract<AccessEvent, { type: 'AccessGroupPut' }>['data'], 'group' | 'at'>> = {},
  ): AccessEvent => ({
    ...{ type: 'AccessGroupPut', data: { group, roles: [], members: [], reads: null, ...data, at: now } },
  }),
  folder: (folder: string, parent: string | null = null, queues: string[] = []): AccessEvent => ({
    ...{ type: 'FolderPut', data: { folder, parent, queues, at: now } },
  }),
  key: (keyName: string, apiKeyId: string, expiresAt: string | null = null): AccessEvent => ({
    type: 'ApiKeyCreated',
    data: {
      ...{ keyName, apiKeyId, hash: `hash of ${apiKeyId}`, rights: ['callbacks'], origins: ['https://a.example'], expiresAt },
      ...{ limits: defaultLimits, bootstrap: false, at: now },
    },
  }),
};

/** Names any of these queues, and reads them all. */
export const naming = (...queues: string[]): Nameable => ({ queues: new Set(queues), reads: 'all' });

export const command = {
  key: (more: Partial<AccessCommandOf<'CreateApiKey'>> = {}): AccessCommand => ({
    ...{ type: 'CreateApiKey', apiKeyId: 'k', keyName: 'shop', hash: 'h', rights: ['callbacks'], origins: [], expiresAt: null },
    ...{ limits: defaultLimits, now, ...more },
  }),
  user: (user: string, groups: string[], more: Partial<AccessCommandOf<'PutUser'>> = {}): AccessCommand => ({
    ...{ type: 'PutUser', user, groups, passwordHash: undefined, precondition: anyVersion, now, ...more },
  }),
  group: (group: string, more: Partial<AccessCommandOf<'PutAccessGroup'>> = {}): AccessCommand => ({
    ...{ type: 'PutAccessGroup', group, roles: [], members: [], reads: null, nameable: naming(), precondition: anyVersion, now, ...more },
  }),
  folder: (folder: string, more: Partial<AccessCommandOf<'PutFolder'>> = {}): AccessCommand => ({
    ...{ type: 'PutFolder', folder, parent: null, queues: [], nameable: naming(), precondition: anyVersion, now, ...more },
  }),
};
