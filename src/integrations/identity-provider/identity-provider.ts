import { jwtVerify } from 'jose';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import { httpClient } from '../http/exchange.ts';
import { claimAt, type GroupNames, groupsIn } from './groups.ts';
import { ProviderUnavailableError, providerKeys } from './provider-keys.ts';

/** Signatures that only the provider can make. With a shared secret (HS256) its public key would do; `none` has no signature at all. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
const SKEW_SECONDS = 30;
const MOST_ANSWER_BYTES = 512 * 1024;
const NAME = /^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u;

/** Whom a token is about. `subject` stays his for ever; `until` (epoch ms) is when the token expires. */
export type ProvidedUser = {
  readonly subject: string;
  readonly name: string;
  readonly groups: readonly string[];
  readonly until: number;
};

export type IdentityProvider = {
  readonly issuer: string;
  /** Whom a token is about; undefined for one that isn't good (any more). Rejects with ProviderUnavailableError when that can't be told. */
  readonly userOf: (token: string) => Promise<ProvidedUser | undefined>;
  readonly close: () => void;
};

export type IdentityProviderOptions = {
  readonly issuer: string;
  /** What a token must be made for. */
  readonly audience: string;
  readonly groupsClaim: string;
  readonly groupNames: GroupNames;
  /** The claim that users are shown by; `sub` where a token has none. */
  readonly nameClaim: string;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Users by the bearer tokens of an OpenID Connect issuer (8.4), which are checked here: only keys are asked for, and seldom. */
export const identityProvider = (options: IdentityProviderOptions): IdentityProvider => {
  const { issuer, audience, groupsClaim, groupNames, nameClaim, clock, log } = options;
  const http = httpClient({ clock, maxConnections: 2, maxAnswerBytes: MOST_ANSWER_BYTES });
  const failed = (error: Error) => log.warn({ err: error }, 'the identity provider’s keys could not be read; trying again');
  const keys = providerKeys({ issuer, http, clock, failed });
  const userOf = async (token: string): Promise<ProvidedUser | undefined> => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        ...{ issuer, audience, algorithms: ALGORITHMS, requiredClaims: ['exp', 'sub'] },
        ...{ clockTolerance: SKEW_SECONDS, currentDate: new Date(clock.now()) },
      });
      const { sub: subject, exp } = payload;
      if (exp === undefined || typeof subject !== 'string' || !NAME.test(subject)) return undefined;
      const shown = claimAt(payload, nameClaim);
      const name = typeof shown === 'string' && NAME.test(shown) ? shown : subject;
      return { subject, name, groups: groupsIn(claimAt(payload, groupsClaim), groupNames), until: (exp + SKEW_SECONDS) * 1_000 };
    } catch (error) {
      if (error instanceof ProviderUnavailableError) throw error;
      return undefined; // whatever else is wrong with it, it proves nothing
    }
  };
  return { issuer, userOf, close: http.close };
};
