import type { DomainEvent } from '../domain/catalogue.ts';
import type { Decision } from '../domain/kit/decider.ts';
import type { Recorded } from '../domain/kit/events.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import type { Folded } from './folded.ts';
import { decideAnew, type Folder, readThrough } from './handle.ts';

/** A change as the folds of settings and access need it: the event, its revision, and who made it. */
type Fact<E> = { readonly event: E; readonly revision: bigint; readonly by: string };

/** A stream whose rows remember who changed them, and at which revision. */
export type FactStream<S, E extends DomainEvent> = {
  readonly streamId: string;
  readonly factOf: (event: Recorded<DomainEvent>) => Fact<E> | undefined;
  /** Goes on from a state, which it leaves as it is; from the initial one by default. */
  readonly folder: (from?: S) => Folder<S, Fact<E>>;
};

/** What a change came to: the state after it, and whether there was anything to change. */
export type Decided<S, R> =
  | { readonly ok: true; readonly state: S; readonly position: bigint | undefined; readonly changed: boolean }
  | { readonly ok: false; readonly refusal: R };

/** What a node has folded of a stream by itself, so that only the rest has to be read. */
export type SoFar<S> = () => Folded<S>;

/**
 * Decides a change on the stream's own fold, and appends it at the revision read; decides anew on conflict. Without `soFar` the stream is
 * read from its start.
 */
export const decideOn = async <S, E extends DomainEvent, R>(
  store: EventStore,
  { streamId, factOf, folder }: FactStream<S, E>,
  decide: (state: S) => Decision<E, R>,
  context: CommandContext,
  soFar?: SoFar<S>,
): Promise<Decided<S, R>> => {
  let folding = folder();
  const load = async () => {
    const since = soFar?.();
    folding = folder(since?.state);
    const take = (event: Recorded<DomainEvent>): void => {
      const fact = factOf(event);
      if (fact !== undefined) folding.take(fact);
    };
    const from = since?.revision === undefined ? {} : { from: since.revision + 1n };
    const last = (await readThrough(store, streamId, take, from)) ?? since;
    return { state: folding.state(), revision: last?.revision, position: last?.position };
  };
  const decided = await decideAnew({ store, streamId, load, decide, context });
  if (!decided.ok) return { ok: false, refusal: decided.refusal };
  const { events, position, revision = 0n } = decided;
  const first = revision - BigInt(events.length - 1);
  for (const [index, event] of events.entries()) folding.take({ event, revision: first + BigInt(index), by: context.actor.name });
  return { ok: true, state: folding.state(), position, changed: events.length > 0 };
};
