import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import { textAt } from '../../support/ask.ts';

export const AUDIENCE = 'https://ringback.example/api';
const program = fileURLToPath(new URL('./provider-program.ts', import.meta.url));

/** A private key of the provider. */
export const makeKey = async (kid: string): Promise<JWK> => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig' };
};

/** What anybody may know of a key. */
export const publicOf = ({ d: _, ...jwk }: JWK): JWK => jwk;

/** Signs claims as the provider would that holds this key. */
export const signed = async (key: JWK, claims: JWTPayload): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: key.kid ?? '', typ: 'at+jwt' }).sign(await importJWK(key, 'ES256'));

const answered = async (child: ChildProcess): Promise<unknown> => (await once(child, 'message'))[0];

/** Starts the provider, whose clock begins at `start` (epoch ms). `users`: the claims of each beside the usual ones. */
export const startProvider = async (options: {
  readonly start: number;
  readonly keys: readonly JWK[];
  readonly users: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}) => {
  const child = fork(program, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  child.send({ ...options, audience: AUDIENCE });
  const issuer = textAt(await answered(child), 'issuer');
  return {
    issuer,
    /** A token that the provider issues for a user. */
    tokenOf: async (user: string, audience = AUDIENCE): Promise<string> => {
      const answer = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${user}:secret`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience, scope: 'callbacks' }),
      });
      return textAt(await answer.json(), 'access_token');
    },
    /** From now on it has these keys, and signs with the first. */
    rotate: async (keys: readonly JWK[]): Promise<void> => {
      child.send({ keys });
      await answered(child);
    },
    close: async (): Promise<void> => {
      if (child.exitCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
};
