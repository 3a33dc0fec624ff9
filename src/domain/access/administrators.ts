import type { AccessEvent } from './events.ts';
import { type AccessState, evolve } from './state.ts';

/** Whether somebody who can sign in administers: by a password, or a token that is in force at `now` (UTC text). */
const isAdministered = ({ users, tokens, groups }: AccessState, now: string): boolean => {
  const administering = new Set([...groups].flatMap(([name, { roles }]) => (roles.includes('Administrator') ? [name] : [])));
  const byToken = new Set([...tokens.values()].flatMap(({ user, expiresAt }) => (expiresAt === null || expiresAt > now ? [user] : [])));
  return [...users].some(
    ([name, { passwordHash, groups: own }]) =>
      (passwordHash !== null || byToken.has(name)) && [...own].some((group) => administering.has(group)),
  );
};

/** Whether these changes would take the last administrator away: nobody could undo them. */
export const leavesNoAdministrator = (state: AccessState, events: readonly AccessEvent[], now: string): boolean => {
  const after = events.reduce((folded, event) => evolve(folded, { event, revision: 0n, by: '' }), state);
  return isAdministered(state, now) && !isAdministered(after, now);
};
