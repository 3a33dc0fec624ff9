import { randomBytes } from 'node:crypto';
import { type Clock, iso } from '../clock.ts';
import { decideOnAccess } from '../commands/access.ts';
import { decideOnConfiguration } from '../commands/configure.ts';
import type { Config } from '../config.ts';
import type { AccessDecision } from '../domain/access/commands.ts';
import { type AccessEvent, defaultLimits, type KeyLimits, type Right } from '../domain/access/events.ts';
import type { AccessState } from '../domain/access/state.ts';
import { type ConfigurationCommand, decideConfiguration } from '../domain/configuration/decider.ts';
import type { ConfigurationEvent } from '../domain/configuration/events.ts';
import { type Configuration, DEFAULT_ROW, evolve } from '../domain/configuration/state.ts';
import { accept } from '../domain/kit/decider.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { ConfigurationView } from '../live/configuration.ts';

export type BootstrapDeps = {
  readonly store: EventStore;
  readonly keyring: Pick<Keyring, 'hash'>;
  readonly clock: Clock;
  readonly newId: () => string;
};

const FIRST_QUEUE = 'demo';
const FIRST_HOURS = 'always';

const BOOTSTRAP = { kind: 'process', id: 'bootstrap', name: 'bootstrap' } as const;

const context = (newId: () => string): CommandContext => {
  const commandId = newId();
  return { commandId, correlationId: commandId, causationId: commandId, actor: BOOTSTRAP };
};

/**
 * What a start with an empty configuration makes: business hours `always`, the `default` row and the queue `demo` on them. They are one
 * append: no kill leaves some of them, and of several nodes that start at once one makes them.
 */
export const bootstrapConfiguration = async ({ store, clock, newId }: BootstrapDeps): Promise<void> => {
  const now = iso(clock.now());
  const weekly = {
    mon: 'all-day',
    tue: 'all-day',
    wed: 'all-day',
    thu: 'all-day',
    fri: 'all-day',
    sat: 'all-day',
    sun: 'all-day',
  } as const;
  const hours = { zone: 'UTC', weekly, exceptions: [], holidays: [] };
  const precondition = { ifNoneMatch: '*' } as const;
  const settings = { businessHours: FIRST_HOURS, callbackApplication: 'ringback', skillExpression: '' } as const;
  const commands: readonly ConfigurationCommand[] = [
    { type: 'CreateBusinessHours', name: FIRST_HOURS, hours, now },
    { type: 'PutQueueSettings', queue: DEFAULT_ROW, settings, precondition, now },
    { type: 'PutQueueSettings', queue: FIRST_QUEUE, settings: {}, precondition, now },
  ];
  const missing = (configuration: Configuration) => {
    const decide = ({ state, events }: { state: Configuration; events: readonly ConfigurationEvent[] }, command: ConfigurationCommand) => {
      const decision = decideConfiguration(command, state);
      if (!decision.ok) return { state, events }; // it is there already
      const after = decision.events.reduce((folded, event) => evolve(folded, { event, revision: 0n, by: BOOTSTRAP.name }), state);
      return { state: after, events: [...events, ...decision.events] };
    };
    return accept(...commands.reduce(decide, { state: configuration, events: [] }).events);
  };
  await decideOnConfiguration(store, missing, context(newId));
};

/** A credential of the environment or the first start. `given` holds on every start; without it one is made when there was none yet. */
export type Credential = { readonly name: string; readonly given: string | undefined } & (
  | { readonly kind: 'key'; readonly rights: readonly Right[]; readonly limits?: KeyLimits | undefined }
  | { readonly kind: 'token'; readonly groups: readonly string[] }
);

type Made = { readonly id: string; readonly hash: string; readonly at: string };

/** A key takes the place of the one before; a token's user is made, and put into the groups that he isn't in. */
const recordCredential = (credential: Credential, { id, hash, at }: Made, state: AccessState): AccessDecision => {
  const { name } = credential;
  const before = state.bootstrapped.get(`${credential.kind}:${name}`);
  const inForce = before !== undefined && (credential.kind === 'key' ? state.apiKeys : state.tokens).has(before.id);
  if (before !== undefined && (credential.given === undefined || (inForce && before.hash === hash))) return accept();
  const common = { hash, expiresAt: null, bootstrap: true, at };
  if (credential.kind === 'key') {
    const revoked = before && state.apiKeys.has(before.id) ? [{ keyName: name, apiKeyId: before.id, at }] : [];
    const { rights, limits = defaultLimits } = credential;
    const created = { ...common, keyName: name, apiKeyId: id, rights: [...rights], origins: [], limits };
    return accept<AccessEvent>(...revoked.map((data) => ({ type: 'ApiKeyRevoked' as const, data })), {
      type: 'ApiKeyCreated',
      data: created,
    });
  }
  const user = state.users.get(name);
  const groups = [...new Set([...(user?.groups ?? []), ...credential.groups])].sort();
  const isThere = user !== undefined && groups.length === user.groups.size;
  const put = isThere ? [] : [{ user: name, passwordHash: user?.passwordHash ?? null, groups, at }];
  const revoked = before && state.tokens.has(before.id) ? [{ user: name, tokenId: before.id, at }] : [];
  return accept<AccessEvent>(
    ...put.map((data) => ({ type: 'UserPut' as const, data })),
    ...revoked.map((data) => ({ type: 'UserTokenRevoked' as const, data })),
    { type: 'UserTokenIssued', data: { ...common, user: name, tokenId: id } },
  );
};

/** Records a credential, in place of the one of that name before; answers it when it is known or was made now, for it can't be read again. */
export const bootstrapCredential = async (deps: BootstrapDeps, credential: Credential): Promise<string | undefined> => {
  const { store, keyring, clock, newId } = deps;
  const secret = credential.given ?? randomBytes(32).toString('base64url');
  const made = { id: newId(), hash: keyring.hash('credential', secret), at: iso(clock.now()) };
  const recorded = await decideOnAccess(store, (state) => recordCredential(credential, made, state), context(newId));
  return credential.given !== undefined || (recorded.ok && recorded.changed) ? secret : undefined;
};

/** What a start made or was given; undefined for what an earlier one made. */
export type BootstrapSecrets = {
  readonly apiKey: string | undefined;
  readonly adminToken: string | undefined;
  readonly connectorKey: string | undefined;
};

/** The simulator's own key, the same at every start without being kept. */
export const simulatorKey = (keyring: Pick<Keyring, 'hash'>): string => keyring.hash('bootstrap', 'simulator');

/** What has to be there before anybody is served: a first configuration, and the credentials of the environment or the first start. */
export const bootstrap = async (
  deps: BootstrapDeps & { readonly configuration: ConfigurationView },
  config: Config,
): Promise<BootstrapSecrets> => {
  if (deps.configuration.current().queues.size === 0) await bootstrapConfiguration(deps);
  const { BOOTSTRAP_API_KEY, BOOTSTRAP_API_KEY_LIMITS: limits, BOOTSTRAP_ADMIN_TOKEN, BOOTSTRAP_CONNECTOR_KEY } = config;
  const rights = ['callbacks', 'call-in', 'statistics'] as const;
  const connector = { kind: 'key', rights: ['connector'] } as const;
  if (config.simulator) await bootstrapCredential(deps, { ...connector, name: 'simulator', given: simulatorKey(deps.keyring) });
  return {
    apiKey: await bootstrapCredential(deps, { kind: 'key', name: 'api', given: BOOTSTRAP_API_KEY, rights, limits }),
    adminToken: await bootstrapCredential(deps, { kind: 'token', name: 'admin', given: BOOTSTRAP_ADMIN_TOKEN, groups: ['Administrators'] }),
    connectorKey: await bootstrapCredential(deps, { ...connector, name: 'connector', given: BOOTSTRAP_CONNECTOR_KEY }),
  };
};
