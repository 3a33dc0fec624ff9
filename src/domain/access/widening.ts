import { accept, refuse } from '../kit/decider.ts';
import type { AccessCommand, AccessDecision } from './commands.ts';
import { type Reads, readsOf } from './reads.ts';
import { type AccessState, accumulate, draftOf } from './state.ts';

/** Whether everything that some read is among what others read. */
const isWithin = (some: Reads, others: Reads): boolean =>
  others === 'all' || (some !== 'all' && [...some].every((queue) => others.has(queue)));

const beyond = (some: Reads, others: Reads): Reads =>
  others === 'all' ? new Set() : some === 'all' ? 'all' : new Set([...some].filter((queue) => !others.has(queue)));

const groupsOf = ({ users }: AccessState, user: string): ReadonlySet<string> => users.get(user)?.groups ?? new Set();

/** The user for whom a command makes something to sign in with. */
const credentialOf = (command: AccessCommand): string | undefined => {
  if (command.type === 'IssueUserToken') return command.user;
  return command.type === 'PutUser' && typeof command.passwordHash === 'string' ? command.user : undefined;
};

/**
 * Holds that somebody gives nobody more to read than he reads himself (8.2): no group reads a queue more that he doesn't, nobody comes into a
 * group that reads such a one, and he makes no password or token of somebody who reads more.
 */
export const withinReads = (command: AccessCommand, state: AccessState, decision: AccessDecision, reads: Reads): AccessDecision => {
  if (reads === 'all' || !decision.ok || decision.events.length === 0) return decision;
  const after = draftOf(state);
  for (const event of decision.events) accumulate(after, { event, revision: 0n, by: '' });
  const widens = [...after.groups.keys()].some((group) => !isWithin(beyond(readsOf(after, [group]), readsOf(state, [group])), reads));
  const joins = [...after.users].some(([user, { groups }]) => {
    const joined = [...groups].filter((group) => !groupsOf(state, user).has(group));
    return !isWithin(readsOf(after, joined), reads);
  });
  const user = credentialOf(command);
  const takesOver = user !== undefined && !isWithin(readsOf(after, groupsOf(after, user)), reads);
  return widens || joins || takesOver ? refuse({ code: 'READS_MORE' }) : accept(...decision.events);
};
