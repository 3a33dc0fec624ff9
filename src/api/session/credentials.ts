import type { FastifyBaseLogger } from 'fastify';
import { z } from 'zod';
import { iso } from '../../clock.ts';
import { recordSignInFailed } from '../../commands/sign-in.ts';
import type { User } from '../../live/access.ts';
import { providedUser } from '../auth/provided-user.ts';
import type { ApiDeps } from '../deps.ts';
import { Failure } from '../errors/failure.ts';
import type { Proof } from './deps.ts';
import { fingerprintOf } from './proof.ts';
import { reach } from './reach.ts';

const LONGEST_TOKEN = 16_384;
const LONGEST_NAME = 128;
const LONGEST_PASSWORD = 1_024;
/** Names that nobody has are counted under so many, so that they cost what others do, and fill no table. */
const NAMES_OF_NOBODY = 256;

export const signInBody = z
  .union([
    z.strictObject({ token: z.string().min(1).max(LONGEST_TOKEN) }),
    z.strictObject({ name: z.string().min(1).max(LONGEST_NAME), password: z.string().min(1).max(LONGEST_PASSWORD) }),
  ])
  .describe('A token, of ours or of the identity provider, or a local user’s name and password');
export type SignInBody = z.output<typeof signInBody>;

/** Who signs in, and what proves it. */
export type Proven = { readonly user: User; readonly proof: Proof };

/** Finds out who signs in; rejects with a Failure that says no more than that it didn't work. `recorded` settles when all that is to be recorded is. */
export const credentialCheck = ({ access, commands, signIn }: Pick<ApiDeps, 'access' | 'commands' | 'signIn'>) => {
  const { passwords, provider, tries } = signIn;
  const { keys, clock, store, newId } = commands;
  const recording = new Set<Promise<unknown>>();

  const byToken = async (token: string): Promise<Proven> => {
    if (provider !== undefined && token.includes('.')) {
      const provided = await provider.userOf(token);
      if (provided === undefined) throw new Failure('CREDENTIALS_UNKNOWN');
      const user = providedUser(access, provider, provided);
      return { user, proof: { kind: 'provider', name: user.name, groups: provided.groups, until: provided.until } };
    }
    const hash = keys.hash('credential', token);
    const user = access.principalOf(hash, clock.now());
    if (user?.kind !== 'user') throw new Failure('CREDENTIALS_UNKNOWN');
    return { user, proof: { kind: 'token', hash } };
  };

  /** Not waited for: that it is recorded mustn't be told from the time that an answer takes. */
  const record = (user: string, lockedUntil: number | null, correlationId: string, log: FastifyBaseLogger): void => {
    const actor = { kind: 'process', id: 'sign-in', name: 'sign-in' } as const;
    const context = { correlationId, causationId: correlationId, commandId: newId(), actor };
    const failed = { user, at: iso(clock.now()), lockedUntil: lockedUntil === null ? null : iso(lockedUntil) };
    const recorded = recordSignInFailed(store, failed, context)
      .catch((err) => log.error({ err }, 'a failed sign-in could not be recorded'))
      .finally(() => recording.delete(recorded));
    recording.add(recorded);
  };
  /** Another password, or another user of that name, begins with no failures. */
  const accountOf = (name: string, passwordHash: string | null): string =>
    passwordHash === null
      ? `nobody ${Number.parseInt(Buffer.from(keys.hash('nobody', name)).toString('hex').slice(0, 8), 16) % NAMES_OF_NOBODY}`
      : keys.hash('sign-in', name, passwordHash);

  const byPassword = (given: string, password: string, correlationId: string, log: FastifyBaseLogger): Promise<Proven> =>
    passwords.inTurn(async () => {
      const name = given.normalize('NFC');
      const passwordHash = access.current().users.get(name)?.passwordHash ?? null;
      const account = accountOf(name, passwordHash);
      const taken = await reach(tries.take(account));
      const isRight = await passwords.matches(password, passwordHash);
      const user = access.userNamed(name);
      if (isRight && taken !== undefined && passwordHash !== null && user !== undefined) {
        await reach(tries.succeeded(account));
        return { user, proof: { kind: 'password', fingerprint: fingerprintOf(keys.hash, passwordHash) } };
      }
      if (taken !== undefined && passwordHash !== null) record(name, taken.lockedUntil, correlationId, log);
      throw new Failure('SIGN_IN_FAILED');
    });

  return {
    check: (body: SignInBody, correlationId: string, log: FastifyBaseLogger): Promise<Proven> =>
      'token' in body ? byToken(body.token) : byPassword(body.name, body.password, correlationId, log),
    recorded: async (): Promise<void> => {
      await Promise.all(recording);
    },
  };
};
