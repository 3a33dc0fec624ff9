import type { SoFar } from '../commands/decide-on.ts';
import { ACCESS_STREAM, type KeyLimits, type Right } from '../domain/access/events.ts';
import { type Reads, readsOf } from '../domain/access/reads.ts';
import type { Role } from '../domain/access/roles.ts';
import { type AccessState, type ApiKey, accessFact, accumulate, draftOf, initialAccess } from '../domain/access/state.ts';
import type { StreamPlace } from '../eventstore/event-store.ts';
import type { LiveView } from './live-view.ts';

/** A program with an API key. */
export type Client = {
  readonly kind: 'client';
  readonly id: string;
  readonly name: string;
  readonly rights: readonly Right[];
  readonly origins: readonly string[];
  readonly limits: KeyLimits;
};
/** Somebody signed in. Without groups there are neither roles nor queues (8.1). */
export type User = {
  readonly kind: 'user';
  readonly id: string;
  readonly name: string;
  readonly groups: readonly string[];
  readonly roles: readonly Role[];
  readonly reads: Reads;
};
/** Who a credential stands for. */
export type Principal = Client | User;

/** Who may do what, as every node follows it. Instants are epoch ms. */
export type AccessView = LiveView & {
  readonly current: () => AccessState;
  /** The same with the place of its last change in the stream `access`; to be copied at once, for it changes. */
  readonly soFar: SoFar<AccessState>;
  /** Whom the API key or token of that keyed hash stands for, while it is in force. */
  readonly principalOf: (hash: string, now: number) => Principal | undefined;
  /** A local user. */
  readonly userNamed: (name: string) => User | undefined;
  /** A user whom an identity provider puts into groups; those that aren't here count for nothing. */
  readonly userIn: (id: string, name: string, groups: readonly string[]) => User;
  /** The origins that keys in force allow, of those with any of these rights (8.3). */
  readonly origins: (now: number, rights: readonly Right[]) => ReadonlySet<string>;
};

const isInForce = (expiresAt: string | null, now: number): boolean => expiresAt === null || Date.parse(expiresAt) > now;

const clientOf = ({ id, name, rights, origins, limits }: ApiKey): Client => ({ kind: 'client', id, name, rights, origins, limits });

const userOf = (state: AccessState, id: string, name: string, groups: readonly string[]): User => {
  const known = groups.filter((group) => state.groups.has(group));
  const roles = new Set(known.flatMap((group) => state.groups.get(group)?.roles ?? []));
  return { kind: 'user', id, name, groups: known, roles: [...roles], reads: readsOf(state, known) };
};

/** What was computed from the state, until it changes. */
const memo = () => ({ users: new Map<string, User>(), clients: new Map<string, Client>(), provided: new Map<string, User>() });

/** Users of an identity provider are remembered by their groups; so many sets of groups, then all anew. */
const MOST_PROVIDED = 10_000;

export const accessView = (): AccessView => {
  const state = draftOf(initialAccess);
  /** Ids by hash; one that was revoked is no longer in the state. */
  const keyIds = new Map<string, string>();
  const tokenIds = new Map<string, string>();
  let known = memo();
  let last: StreamPlace | undefined;

  const userNamed = (name: string): User | undefined => {
    const found = known.users.get(name);
    if (found !== undefined) return found;
    const row = state.users.get(name);
    if (row === undefined) return undefined;
    const user = userOf(state, name, name, [...row.groups]);
    known.users.set(name, user);
    return user;
  };
  const client = (key: ApiKey): Client => {
    const found = known.clients.get(key.id) ?? clientOf(key);
    known.clients.set(key.id, found);
    return found;
  };
  return {
    name: 'access',
    current: () => state,
    soFar: () => ({ state, revision: last?.revision, position: last?.position }),
    principalOf: (hash, now) => {
      const key = state.apiKeys.get(keyIds.get(hash) ?? '');
      if (key !== undefined) return isInForce(key.expiresAt, now) ? client(key) : undefined;
      const token = state.tokens.get(tokenIds.get(hash) ?? '');
      return token !== undefined && isInForce(token.expiresAt, now) ? userNamed(token.user) : undefined;
    },
    userNamed,
    userIn: (id, name, groups) => {
      const key = JSON.stringify([id, name, ...groups]);
      const found = known.provided.get(key);
      if (found !== undefined) return found;
      if (known.provided.size >= MOST_PROVIDED) known.provided.clear();
      const user = userOf(state, id, name, groups);
      known.provided.set(key, user);
      return user;
    },
    origins: (now, rights) => {
      const keys = [...state.apiKeys.values()].filter((key) => isInForce(key.expiresAt, now) && key.rights.some((r) => rights.includes(r)));
      return new Set(keys.flatMap(({ origins }) => origins));
    },
    apply: (event) => {
      const fact = accessFact(event);
      if (fact === undefined) return;
      accumulate(state, fact);
      if (event.streamId === ACCESS_STREAM) last = { revision: event.revision, position: event.position };
      const { type, data } = fact.event;
      if (type === 'SignInFailed' || type === 'AccountLocked' || type === 'UserSignedOutEverywhere') return;
      if (type === 'ApiKeyCreated') keyIds.set(data.hash, data.apiKeyId);
      if (type === 'UserTokenIssued') tokenIds.set(data.hash, data.tokenId);
      known = memo();
    },
  };
};
