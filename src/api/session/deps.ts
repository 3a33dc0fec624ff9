import type { Precondition, PreconditionRefusal } from '../../domain/kit/precondition.ts';
import type { IdentityProvider } from '../../integrations/identity-provider/identity-provider.ts';
import type { Passwords } from '../../keys/passwords.ts';

/** What a session rests on. It is looked at again in every request: rights end with what proved them. */
export type Proof =
  /** `fingerprint`: of the password's hash, so that another password ends the session. */
  | { readonly kind: 'password'; readonly fingerprint: string }
  /** A token of ours, by keyed hash. */
  | { readonly kind: 'token'; readonly hash: string }
  /** A token of the identity provider, until (epoch ms) it expires. */
  | { readonly kind: 'provider'; readonly name: string; readonly groups: readonly string[]; readonly until: number };

/** A session as it began. `signedOutAt`: when the user had last signed out everywhere by then; any other value than today's ends it. */
export type SessionStart = {
  readonly user: string;
  readonly proof: Proof;
  readonly signedOutAt: string | null;
};

/** Sessions of the console, the same on every node. All reject when Postgres doesn't answer. */
export type Sessions = {
  /** Begins one; answers the secret that the browser keeps. */
  readonly begin: (start: SessionStart) => Promise<string>;
  /** The session of a secret, if it isn't over; its idle time begins anew. */
  readonly find: (secret: string) => Promise<SessionStart | undefined>;
  /** Ends the session of a secret. */
  readonly end: (secret: string) => Promise<void>;
};

/** Tries to sign in as an account, by which it is locked on every node. */
export type SignInTries = {
  /** Takes one; undefined while the account is locked. `lockedUntil` (epoch ms) is set by the last that the account has before a lock. */
  readonly take: (account: string) => Promise<{ readonly lockedUntil: number | null } | undefined>;
  /** It was the right password: tries count anew. */
  readonly succeeded: (account: string) => Promise<void>;
};

export type OwnPreferences = { readonly preferences: Readonly<Record<string, unknown>>; readonly etag: string };

/** What users choose for themselves, by the user's id. */
export type Preferences = {
  readonly get: (user: string) => Promise<OwnPreferences | undefined>;
  readonly put: (
    user: string,
    preferences: OwnPreferences['preferences'],
    precondition: Precondition,
  ) => Promise<
    | { readonly ok: true; readonly saved: OwnPreferences; readonly created: boolean }
    | { readonly ok: false; readonly refusal: PreconditionRefusal }
  >;
};

/** Everything about signing in that routes are given. */
export type SignInDeps = {
  readonly passwords: Passwords;
  /** Undefined without OIDC_ISSUER. */
  readonly provider: IdentityProvider | undefined;
  readonly sessions: Sessions;
  readonly tries: SignInTries;
  readonly preferences: Preferences;
  /** The origin that browsers see, where it is set. */
  readonly publicOrigin: string | undefined;
};
