import { randomUUID } from 'node:crypto';
import { iso } from '../../../../src/clock.ts';
import { changeAccess } from '../../../../src/commands/access.ts';
import type { AccessCommand } from '../../../../src/domain/access/commands.ts';
import { ACCESS_STREAM, SIGN_OUTS_STREAM } from '../../../../src/domain/access/events.ts';
import type { TestApi } from '../../support/service.ts';

const actor = { kind: 'user', id: 'administrator', name: 'administrator' } as const;

/** Changes access as an administrator would. */
export const change = async (api: TestApi, command: AccessCommand): Promise<void> => {
  const id = randomUUID();
  const done = await changeAccess(api.store, command, { commandId: id, correlationId: id, causationId: id, actor });
  if (!done.ok) throw new Error(done.refusal.code);
  await api.settle();
};

/** Makes a local user, or gives him another password or other groups. */
export const putUser = async (api: TestApi, user: string, password: string | null, ...groups: string[]): Promise<void> => {
  const passwordHash = password === null ? null : await api.deps.signIn.passwords.hashed(password);
  const now = iso(api.clock.now());
  const there = api.deps.access.current().users.has(user);
  await change(api, { type: 'PutUser', user, passwordHash, groups, precondition: there ? { ifMatch: '*' } : {}, now });
};

export const deleteUser = (api: TestApi, user: string): Promise<void> =>
  change(api, { type: 'DeleteUser', user, precondition: { ifMatch: '*' }, now: iso(api.clock.now()) });

/** The facts about sign-in, in order: type and user. */
export const signInFacts = async (api: TestApi): Promise<readonly string[]> => {
  const facts: string[] = [];
  for (const stream of [ACCESS_STREAM, SIGN_OUTS_STREAM])
    for await (const { type, data } of api.store.readStream(stream)) {
      if (type === 'SignInFailed' || type === 'AccountLocked' || type === 'UserSignedOutEverywhere') facts.push(`${type} ${data.user}`);
    }
  return facts;
};
