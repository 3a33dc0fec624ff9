import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { SignInDeps } from '../api/session/deps.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { GroupNames } from '../integrations/identity-provider/groups.ts';
import { identityProvider } from '../integrations/identity-provider/identity-provider.ts';
import { openPasswords, type ScryptCost } from '../keys/passwords.ts';
import { openPreferences } from './preferences.ts';
import { openSessions } from './sessions.ts';
import { signInTables } from './sign-in-tables.ts';
import { signInTries } from './sign-in-tries.ts';

const MINUTE_MS = 60_000;

export type SignInSettings = Pick<
  Config,
  | 'PUBLIC_URL'
  | 'SESSION_IDLE_MINUTES'
  | 'SESSION_HOURS'
  | 'OIDC_ISSUER'
  | 'OIDC_AUDIENCE'
  | 'OIDC_GROUPS_CLAIM'
  | 'OIDC_GROUPS_PREFIX'
  | 'OIDC_GROUPS_MAP'
  | 'OIDC_NAME_CLAIM'
>;

const groupNamesOf = ({ OIDC_GROUPS_PREFIX: prefix, OIDC_GROUPS_MAP: map }: SignInSettings): GroupNames =>
  map !== undefined ? { map } : prefix !== undefined ? { prefix } : 'as-they-are';

/** Passwords, sessions and the identity provider, as the settings say. `cost` of a new password's hash is lowered by tests only. */
export const openSignIn = (
  config: SignInSettings,
  parts: {
    readonly db: Kysely<unknown>;
    readonly hash: (label: string, ...parts: string[]) => string;
    readonly clock: Clock;
    readonly log: Logger;
    readonly cost?: ScryptCost;
  },
): { readonly deps: SignInDeps; readonly close: () => void } => {
  const { db, hash, clock, log, cost } = parts;
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_GROUPS_CLAIM: groupsClaim, OIDC_NAME_CLAIM: nameClaim } = config;
  const tables = signInTables(db);
  const provider =
    issuer === undefined || audience === undefined
      ? undefined
      : identityProvider({ issuer, audience, groupsClaim, groupNames: groupNamesOf(config), nameClaim, clock, log });
  const [idleMs, longestMs] = [config.SESSION_IDLE_MINUTES * MINUTE_MS, config.SESSION_HOURS * 60 * MINUTE_MS];
  return {
    deps: {
      passwords: openPasswords(hash, cost === undefined ? {} : { cost }),
      provider,
      sessions: openSessions({ tables, hash, idleMs, longestMs, clock, log }),
      tries: signInTries(tables, clock),
      preferences: openPreferences(tables),
      publicOrigin: config.PUBLIC_URL === undefined ? undefined : new URL(config.PUBLIC_URL).origin,
    },
    close: () => provider?.close(),
  };
};
