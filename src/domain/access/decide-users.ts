import { accept, refuse } from '../kit/decider.ts';
import { guard } from '../kit/precondition.ts';
import { leavesNoAdministrator } from './administrators.ts';
import type { AccessCommandOf, AccessDecision } from './commands.ts';
import type { AccessEvent } from './events.ts';
import { type AccessState, etagOf } from './state.ts';

/** What is only allowed while it leaves somebody who administers. */
const unlessLast = (state: AccessState, events: readonly AccessEvent[], now: string): AccessDecision =>
  leavesNoAdministrator(state, events, now) ? refuse({ code: 'LAST_ADMINISTRATOR' }) : accept(...events);

/** Makes a user or replaces his groups and, where one is given, his password. */
export const putUser = (command: AccessCommandOf<'PutUser'>, state: AccessState): AccessDecision => {
  const { user, precondition, now: at } = command;
  const row = state.users.get(user);
  const refusal = guard(row && etagOf(row), precondition);
  if (refusal !== undefined) return refuse(refusal);
  const errors = command.groups.flatMap((group, i) =>
    state.groups.has(group) ? [] : [{ path: `groups[${i}]`, message: 'must be an access group that exists' }],
  );
  if (errors.length > 0) return refuse({ code: 'INVALID_ACCESS', errors });
  const groups = [...new Set(command.groups)].sort();
  const passwordHash = command.passwordHash === undefined ? (row?.passwordHash ?? null) : command.passwordHash;
  const isSame = row?.passwordHash === passwordHash && row.groups.size === groups.length && groups.every((group) => row.groups.has(group));
  if (isSame) return accept();
  return unlessLast(state, [{ type: 'UserPut', data: { user, passwordHash, groups, at } }], at);
};

/** Deletes a user, and with him his tokens and memberships. */
export const deleteUser = ({ user, precondition, now: at }: AccessCommandOf<'DeleteUser'>, state: AccessState): AccessDecision => {
  const row = state.users.get(user);
  if (row === undefined) return refuse({ code: 'UNKNOWN_USER' });
  const refusal = guard(etagOf(row), precondition);
  if (refusal !== undefined) return refuse(refusal);
  return unlessLast(state, [{ type: 'UserDeleted', data: { user, at } }], at);
};

/** Gives a user one more token. */
export const issueUserToken = (command: AccessCommandOf<'IssueUserToken'>, state: AccessState): AccessDecision => {
  const { user, tokenId, hash, expiresAt, now: at } = command;
  if (!state.users.has(user)) return refuse({ code: 'UNKNOWN_USER' });
  if (expiresAt !== null && expiresAt <= at)
    return refuse({ code: 'INVALID_ACCESS', errors: [{ path: 'expiresAt', message: 'must lie in the future' }] });
  return accept({ type: 'UserTokenIssued', data: { user, tokenId, hash, expiresAt, bootstrap: false, at } });
};

/** Revokes one of a user's tokens, or all of them. */
export const revokeUserTokens = (command: AccessCommandOf<'RevokeUserTokens'>, state: AccessState): AccessDecision => {
  const { user, tokenId, now: at } = command;
  if (!state.users.has(user)) return refuse({ code: 'UNKNOWN_USER' });
  const own = [...state.tokens.values()].filter((token) => token.user === user && (tokenId === undefined || token.id === tokenId));
  if (tokenId !== undefined && own.length === 0) return refuse({ code: 'UNKNOWN_TOKEN' });
  return unlessLast(
    state,
    own.map(({ id }) => ({ type: 'UserTokenRevoked', data: { user, tokenId: id, at } })),
    at,
  );
};
