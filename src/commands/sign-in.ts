import { ACCESS_STREAM, type AccessEvent, SIGN_OUTS_STREAM } from '../domain/access/events.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';

const record = async (
  store: EventStore,
  streamId: string,
  events: readonly AccessEvent[],
  context: CommandContext,
): Promise<bigint | undefined> => {
  const appended = await store.append(streamId, events, 'any', context); // nothing is decided by what else is there
  return appended.ok ? appended.position : undefined;
};

/** Records that somebody failed to sign in as a user that there is, and the lock that it led to; instants are UTC text. */
export const recordSignInFailed = (
  store: EventStore,
  { user, at, lockedUntil }: { readonly user: string; readonly at: string; readonly lockedUntil: string | null },
  context: CommandContext,
): Promise<bigint | undefined> => {
  const failed: AccessEvent = { type: 'SignInFailed', data: { user, because: 'WRONG_PASSWORD', at } };
  const locked: AccessEvent[] = lockedUntil === null ? [] : [{ type: 'AccountLocked', data: { user, until: lockedUntil, at } }];
  return record(store, ACCESS_STREAM, [failed, ...locked], context);
};

/** Ends all sessions of a user, on every node. Answers the position of the fact. */
export const signOutEverywhere = (store: EventStore, user: string, at: string, context: CommandContext): Promise<bigint | undefined> =>
  record(store, SIGN_OUTS_STREAM, [{ type: 'UserSignedOutEverywhere', data: { user, at } }], context);
