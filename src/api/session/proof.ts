import type { AccessState } from '../../domain/access/state.ts';
import type { AccessView, User } from '../../live/access.ts';
import type { SessionStart } from './deps.ts';

type Hash = (label: string, ...parts: string[]) => string;

/** Changes with a user's password; tells nothing of it. */
export const fingerprintOf = (hash: Hash, passwordHash: string): string => hash('password-fingerprint', passwordHash);

/** When a user last signed out everywhere. */
export const signedOutAt = ({ signedOutAt }: AccessState, user: string): string | null => signedOutAt.get(user) ?? null;

/**
 * Whom a session stands for now, with the rights of now; undefined once what proved it is gone: the user, the password, the token, or the
 * session with all others of the user.
 */
export const userOfSession = ({ user, proof, ...start }: SessionStart, access: AccessView, hash: Hash, now: number): User | undefined => {
  const state = access.current();
  if (start.signedOutAt !== signedOutAt(state, user)) return undefined;
  switch (proof.kind) {
    case 'password': {
      const passwordHash = state.users.get(user)?.passwordHash ?? null;
      return passwordHash !== null && fingerprintOf(hash, passwordHash) === proof.fingerprint ? access.userNamed(user) : undefined;
    }
    case 'token': {
      const principal = access.principalOf(proof.hash, now);
      return principal?.kind === 'user' ? principal : undefined;
    }
    case 'provider':
      return proof.until > now ? access.userIn(user, proof.name, proof.groups) : undefined;
  }
};
