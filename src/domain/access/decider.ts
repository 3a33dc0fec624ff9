import { accept, refuse } from '../kit/decider.ts';
import { guard } from '../kit/precondition.ts';
import type { AccessCommand, AccessCommandOf, AccessDecision } from './commands.ts';
import { deleteFolder, putFolder } from './decide-folders.ts';
import { deleteAccessGroup, putAccessGroup } from './decide-groups.ts';
import { deleteUser, issueUserToken, putUser, revokeUserTokens } from './decide-users.ts';
import type { Reads } from './reads.ts';
import { type AccessState, etagOf } from './state.ts';
import { withinReads } from './widening.ts';

const createApiKey = (command: AccessCommandOf<'CreateApiKey'>, state: AccessState): AccessDecision => {
  const { apiKeyId, keyName, hash, expiresAt, limits, now: at } = command;
  const errors = [
    ...(command.rights.length > 0 ? [] : [{ path: 'rights', message: 'must name at least one right' }]),
    ...(expiresAt === null || expiresAt > at ? [] : [{ path: 'expiresAt', message: 'must lie in the future' }]),
  ];
  if (errors.length > 0) return refuse({ code: 'INVALID_ACCESS', errors });
  if ([...state.apiKeys.values()].some(({ name }) => name === keyName)) return refuse({ code: 'KEY_NAME_TAKEN' });
  const rights = [...new Set(command.rights)];
  const origins = [...new Set(command.origins)];
  return accept({ type: 'ApiKeyCreated', data: { apiKeyId, keyName, hash, rights, origins, expiresAt, limits, bootstrap: false, at } });
};

const revokeApiKey = ({ apiKeyId, precondition, now: at }: AccessCommandOf<'RevokeApiKey'>, state: AccessState): AccessDecision => {
  const key = state.apiKeys.get(apiKeyId);
  if (key === undefined) return refuse({ code: 'UNKNOWN_API_KEY' });
  const refusal = guard(etagOf(key), precondition);
  return refusal === undefined ? accept({ type: 'ApiKeyRevoked', data: { keyName: key.name, apiKeyId, at } }) : refuse(refusal);
};

const decide = (command: AccessCommand, state: AccessState): AccessDecision => {
  switch (command.type) {
    case 'CreateApiKey':
      return createApiKey(command, state);
    case 'RevokeApiKey':
      return revokeApiKey(command, state);
    case 'PutUser':
      return putUser(command, state);
    case 'DeleteUser':
      return deleteUser(command, state);
    case 'IssueUserToken':
      return issueUserToken(command, state);
    case 'RevokeUserTokens':
      return revokeUserTokens(command, state);
    case 'PutAccessGroup':
      return putAccessGroup(command, state);
    case 'DeleteAccessGroup':
      return deleteAccessGroup(command, state);
    case 'PutFolder':
      return putFolder(command, state);
    case 'DeleteFolder':
      return deleteFolder(command, state);
  }
};

/** API keys, users, groups and folders (8.2–8.4). `reads`: the queues of the one who asks, beyond which nobody comes by what he changes. */
export const decideAccess = (command: AccessCommand, state: AccessState, reads: Reads = 'all'): AccessDecision =>
  withinReads(command, state, decide(command, state), reads);
