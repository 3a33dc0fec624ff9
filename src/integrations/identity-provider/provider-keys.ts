import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import type { HttpClient } from '../http/exchange.ts';

/** Keys are asked for anew at this age, and used no more at that, should the provider not answer. */
const FRESH_MS = 10 * 60_000;
const USED_AT_MOST_MS = 60 * 60_000;
/** After an answer, a key that isn't in it is looked for again; after a failure, the provider is asked again. */
const COOL_DOWN_MS = 30_000;
const FAILED_MS = 5_000;
const ANSWER_MS = 5_000;

/** The provider's keys can't be asked for now, so a token can't be checked. */
export class ProviderUnavailableError extends Error {
  override readonly name = 'ProviderUnavailableError';
}

/** The key isn't among those that the provider gave a moment ago. */
export class UnknownKeyError extends Error {
  override readonly name = 'UnknownKeyError';
}

const webAddress = z.url({ protocol: /^https?$/ });
const discovered = z.looseObject({ issuer: z.string(), jwks_uri: webAddress });
const jwks = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** Where an issuer describes itself (OpenID Connect Discovery 1.0, 4). */
const discoveryOf = (issuer: string): URL => new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);

/**
 * The keys of an issuer, found by discovery: kept, asked for by one request at a time, anew when they are old or a token names another one.
 * Rejects with ProviderUnavailableError or UnknownKeyError.
 */
export const providerKeys = (options: {
  readonly issuer: string;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly failed: (error: Error) => void;
}): JWTVerifyGetKey => {
  const { issuer, http, clock, failed } = options;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;

  const read = async <T>(url: URL, schema: z.ZodType<T>): Promise<T> => {
    const exchange = await http.send({ method: 'GET', url, headers: { accept: 'application/json' }, timeoutMs: ANSWER_MS });
    if (exchange.kind !== 'answered') throw new Error(`${url.origin} did not answer: ${exchange.cause}`);
    if (exchange.status !== 200) throw new Error(`${url.href} answered ${exchange.status}`);
    return schema.parse(JSON.parse(exchange.body));
  };
  const find = async () => {
    const { issuer: named, jwks_uri: uri } = await read(discoveryOf(issuer), discovered);
    if (named !== issuer) throw new Error(`the provider calls itself ${named}, and not ${issuer}`);
    return read(new URL(uri), jwks);
  };
  const load = async (): Promise<Response> => {
    if (clock.now() - failedAt < FAILED_MS) throw new ProviderUnavailableError('the identity provider did not answer a moment ago');
    if (clock.now() - fetchedAt < COOL_DOWN_MS) throw new UnknownKeyError('the identity provider did not have this key a moment ago');
    try {
      const keys = await find();
      fetchedAt = clock.now();
      return Response.json(keys);
    } catch (cause) {
      failedAt = clock.now();
      const error = new ProviderUnavailableError('the identity provider’s keys could not be read', { cause });
      failed(error);
      throw error;
    }
  };
  // what is old or to be asked for again is decided here, by the service's clock: jose goes by the machine's
  const policy = { cacheMaxAge: Number.POSITIVE_INFINITY, cooldownDuration: 0 };
  const keys = createRemoteJWKSet(discoveryOf(issuer), { ...policy, [customFetch]: load });
  const ageMs = (): number => clock.now() - fetchedAt;

  return async (header, token) => {
    if (ageMs() >= FRESH_MS) {
      await keys.reload().catch((error) => {
        if (ageMs() >= USED_AT_MOST_MS) throw error;
      });
    }
    return keys(header, token);
  };
};
