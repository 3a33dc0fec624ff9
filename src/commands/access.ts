import type { AccessCommand, AccessDecision, AccessRefusal } from '../domain/access/commands.ts';
import { decideAccess } from '../domain/access/decider.ts';
import { ACCESS_STREAM } from '../domain/access/events.ts';
import { type AccessState, accessFact, accumulate, draftOf, evolve, initialAccess } from '../domain/access/state.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore, StreamPlace } from '../eventstore/event-store.ts';
import { ContendedError } from './handle.ts';

const ATTEMPTS = 10;

export type AccessChanged =
  | { readonly ok: true; readonly state: AccessState; readonly position: bigint | undefined; readonly changed: boolean }
  | { readonly ok: false; readonly refusal: AccessRefusal };

/** Folds the stream `access`, decides by `decide` and appends at the revision read; decides anew on conflict. */
export const decideOnAccess = async (
  store: EventStore,
  decide: (state: AccessState) => AccessDecision,
  context: CommandContext,
): Promise<AccessChanged> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const draft = draftOf(initialAccess);
    let last: StreamPlace | undefined;
    const unknown = (at: StreamPlace): void => {
      last = at;
    };
    for await (const event of store.readStream(ACCESS_STREAM, { unknown })) {
      const fact = accessFact(event);
      if (fact !== undefined) accumulate(draft, fact);
      last = event;
    }
    const decision = decide(draft);
    if (!decision.ok) return decision;
    const { events } = decision;
    if (events.length === 0) return { ok: true, state: draft, position: last?.position, changed: false };
    const appended = await store.append(ACCESS_STREAM, events, last?.revision ?? 'no-stream', context);
    if (!appended.ok) continue;
    const first = appended.revision - BigInt(events.length - 1);
    const state = events.reduce<AccessState>(
      (folded, event, index) => evolve(folded, { event, revision: first + BigInt(index), by: context.actor.name }),
      draft,
    );
    return { ok: true, state, position: appended.position, changed: true };
  }
  throw new ContendedError(`access: another writer came first ${ATTEMPTS} times`);
};

/** Carries out a change of API keys, users, groups or folders. */
export const changeAccess = (store: EventStore, command: AccessCommand, context: CommandContext): Promise<AccessChanged> =>
  decideOnAccess(store, (state) => decideAccess(command, state), context);
