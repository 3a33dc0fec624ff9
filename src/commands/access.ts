import type { AccessCommand, AccessDecision, AccessRefusal } from '../domain/access/commands.ts';
import { decideAccess } from '../domain/access/decider.ts';
import { ACCESS_STREAM, type AccessEvent } from '../domain/access/events.ts';
import type { Reads } from '../domain/access/reads.ts';
import { type AccessState, accessFact, accumulate, draftOf, initialAccess } from '../domain/access/state.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import { type Decided, decideOn, type FactStream, type SoFar } from './decide-on.ts';
import { draftFolder } from './handle.ts';

export type AccessChanged = Decided<AccessState, AccessRefusal>;

const accessStream: FactStream<AccessState, AccessEvent> = {
  streamId: ACCESS_STREAM,
  factOf: accessFact,
  folder: draftFolder(initialAccess, draftOf, accumulate),
};

/** Folds the stream `access` or what `soFar` leaves of it, decides by `decide` and appends at the revision read; decides anew on conflict. */
export const decideOnAccess = (
  store: EventStore,
  decide: (state: AccessState) => AccessDecision,
  context: CommandContext,
  soFar?: SoFar<AccessState>,
): Promise<AccessChanged> => decideOn(store, accessStream, decide, context, soFar);

/** Carries out a change of API keys, users, groups or folders. `reads`: the queues of the one who asks. */
export const changeAccess = (
  store: EventStore,
  command: AccessCommand,
  context: CommandContext,
  reads: Reads = 'all',
  soFar?: SoFar<AccessState>,
): Promise<AccessChanged> => decideOnAccess(store, (state) => decideAccess(command, state, reads), context, soFar);
