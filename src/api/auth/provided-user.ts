import type { IdentityProvider, ProvidedUser } from '../../integrations/identity-provider/identity-provider.ts';
import type { AccessView, User } from '../../live/access.ts';

/** A user whom the identity provider names. His id is no local user's; neither is the name that he is shown by. */
export const providedUser = (access: AccessView, { issuer }: IdentityProvider, { subject, name, groups }: ProvidedUser): User => {
  const id = `${issuer}#${subject}`;
  return access.userIn(id, access.current().users.has(name) ? id : name, groups);
};
