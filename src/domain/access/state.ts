import type { DomainEvent } from '../catalogue.ts';
import type { Recorded } from '../kit/events.ts';
import { type AccessEvent, accessEvents, type GroupRead, type KeyLimits, type Right } from './events.ts';
import { isPredefined, predefinedGroups, type Role } from './roles.ts';

/** Who changed a row last, and the revision of that change, which makes its etag; null for a predefined group that nobody changed. */
type Changed = { readonly revision: bigint | null; readonly updatedAt: string | null; readonly updatedBy: string | null };

/** A key that wasn't revoked; it may have expired. Instants are UTC text. */
export type ApiKey = {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  readonly rights: readonly Right[];
  readonly origins: readonly string[];
  readonly expiresAt: string | null;
  readonly limits: KeyLimits;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly revision: bigint;
};
export type UserToken = {
  readonly id: string;
  readonly user: string;
  readonly hash: string;
  readonly expiresAt: string | null;
  readonly createdAt: string;
};
export type User = Changed & { readonly passwordHash: string | null; readonly groups: ReadonlySet<string> };
/** `reads` null is every queue, also those to come. */
export type AccessGroup = Changed & { readonly roles: readonly Role[]; readonly reads: readonly GroupRead[] | null };
export type Folder = Changed & { readonly parent: string | null; readonly queues: readonly string[] };

/** What the stream `access` gives. Who is in which group stands with the users, whichever side said so last. */
export type AccessState = {
  readonly apiKeys: ReadonlyMap<string, ApiKey>;
  readonly users: ReadonlyMap<string, User>;
  readonly tokens: ReadonlyMap<string, UserToken>;
  readonly groups: ReadonlyMap<string, AccessGroup>;
  readonly folders: ReadonlyMap<string, Folder>;
  /** Id and hash of what a start made last, by `key:` or `token:` and the name; also once it was revoked. */
  readonly bootstrapped: ReadonlyMap<string, { readonly id: string; readonly hash: string }>;
  /** Until when an account is locked. */
  readonly lockedUntil: ReadonlyMap<string, string>;
  /** Sessions that began before are over. */
  readonly signedOutAt: ReadonlyMap<string, string>;
};

/** A change as the fold needs it: the event, its revision, and who made it. */
export type AccessFact = { readonly event: AccessEvent; readonly revision: bigint; readonly by: string };

const isOwn = (event: Recorded<DomainEvent>): event is Recorded<AccessEvent> => event.type in accessEvents;

/** A logged event as a change of access; undefined for one of another kind. */
export const accessFact = (event: Recorded<DomainEvent>): AccessFact | undefined =>
  isOwn(event) ? { event, revision: event.revision, by: event.metadata.actor.name } : undefined;

const never: Changed = { revision: null, updatedAt: null, updatedBy: null };

/** The state that a fold of its own may change in place. */
export type AccessDraft = { readonly [K in keyof AccessState]: AccessState[K] extends ReadonlyMap<infer N, infer V> ? Map<N, V> : never };

export const draftOf = (state: AccessState): AccessDraft => ({
  apiKeys: new Map(state.apiKeys),
  users: new Map(state.users),
  tokens: new Map(state.tokens),
  groups: new Map(state.groups),
  folders: new Map(state.folders),
  bootstrapped: new Map(state.bootstrapped),
  lockedUntil: new Map(state.lockedUntil),
  signedOutAt: new Map(state.signedOutAt),
});

export const initialAccess: AccessState = {
  apiKeys: new Map(),
  users: new Map(),
  tokens: new Map(),
  groups: new Map(Object.entries(predefinedGroups).map(([name, roles]) => [name, { ...never, roles, reads: null }])),
  folders: new Map(),
  bootstrapped: new Map(),
  lockedUntil: new Map(),
  signedOutAt: new Map(),
};

/** A user is now in exactly these groups: those that gained or lost him are changed with him. */
const putUser = (draft: AccessDraft, user: string, row: User, changed: Changed): void => {
  const before = draft.users.get(user)?.groups ?? new Set();
  draft.users.set(user, row);
  for (const [name, group] of draft.groups) if (before.has(name) !== row.groups.has(name)) draft.groups.set(name, { ...group, ...changed });
};

const putMembers = (draft: AccessDraft, group: string, members: readonly string[], changed: Changed): void => {
  const now = new Set(members);
  for (const [name, user] of draft.users) {
    if (user.groups.has(group) === now.has(name)) continue;
    const groups = new Set(user.groups);
    if (now.has(name)) groups.add(group);
    else groups.delete(group);
    draft.users.set(name, { ...user, ...changed, groups });
  }
};

const deleteTokensOf = (draft: AccessDraft, user: string): void => {
  for (const [id, token] of draft.tokens) if (token.user === user) draft.tokens.delete(id);
};

/** Folds one change into a draft, in place. */
export const accumulate = (draft: AccessDraft, { event, revision, by }: AccessFact): void => {
  const { type, data } = event;
  const changed = { revision, updatedAt: data.at, updatedBy: by };
  switch (type) {
    case 'ApiKeyCreated': {
      const { apiKeyId: id, keyName: name, hash, rights, origins, expiresAt, limits, bootstrap, at: createdAt } = data;
      draft.apiKeys.set(id, { id, name, hash, rights, origins, expiresAt, limits, createdAt, createdBy: by, revision });
      if (bootstrap) draft.bootstrapped.set(`key:${name}`, { id, hash });
      return;
    }
    case 'ApiKeyRevoked':
      draft.apiKeys.delete(data.apiKeyId);
      return;
    case 'UserPut': {
      const groups = new Set(data.groups.filter((name) => draft.groups.has(name)));
      putUser(draft, data.user, { ...changed, passwordHash: data.passwordHash, groups }, changed);
      return;
    }
    case 'UserDeleted': {
      const row = draft.users.get(data.user);
      if (row !== undefined) putUser(draft, data.user, { ...row, groups: new Set() }, changed);
      draft.users.delete(data.user);
      draft.lockedUntil.delete(data.user);
      draft.signedOutAt.set(data.user, data.at);
      deleteTokensOf(draft, data.user);
      return;
    }
    case 'UserTokenIssued': {
      const { tokenId: id, user, hash, expiresAt, bootstrap, at: createdAt } = data;
      draft.tokens.set(id, { id, user, hash, expiresAt, createdAt });
      if (bootstrap) draft.bootstrapped.set(`token:${user}`, { id, hash });
      return;
    }
    case 'UserTokenRevoked':
      draft.tokens.delete(data.tokenId);
      return;
    case 'AccessGroupPut':
      draft.groups.set(data.group, { ...changed, roles: data.roles, reads: data.reads });
      putMembers(draft, data.group, data.members, changed);
      return;
    case 'AccessGroupDeleted':
      if (!isPredefined(data.group) && draft.groups.delete(data.group)) putMembers(draft, data.group, [], changed);
      return;
    case 'FolderPut':
      draft.folders.set(data.folder, { ...changed, parent: data.parent, queues: data.queues });
      return;
    case 'FolderDeleted':
      draft.folders.delete(data.folder);
      return;
    case 'AccountLocked':
      draft.lockedUntil.set(data.user, data.until);
      return;
    case 'UserSignedOutEverywhere':
      draft.signedOutAt.set(data.user, data.at);
      return;
    case 'SignInFailed':
      return;
  }
};

/** Folds one change. */
export const evolve = (state: AccessState, fact: AccessFact): AccessState => {
  const draft = draftOf(state);
  accumulate(draft, fact);
  return draft;
};

/** The etag of a row: it moves with every change of what the row shows. */
export const etagOf = ({ revision }: { readonly revision: bigint | null }): string => `"${revision ?? 'predefined'}"`;

/** A group's members, in order. */
export const membersOf = ({ users }: AccessState, group: string): readonly string[] =>
  [...users].flatMap(([name, { groups }]) => (groups.has(group) ? [name] : [])).sort();
