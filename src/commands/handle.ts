import { type DomainEvent, holdsPersonalData } from '../domain/catalogue.ts';
import type { Decider, Decision } from '../domain/kit/decider.ts';
import type { Recorded } from '../domain/kit/events.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore, StreamPlace } from '../eventstore/event-store.ts';
import type { Folded } from './folded.ts';
import type { RecentStates } from './recent-states.ts';

const ATTEMPTS = 10;

/**
 * What a command came to. `state` is what it was decided on; `events` are those that this call appended, none for a repeat; `revision` and
 * `position` are those of the stream's last event.
 */
export type Handled<S, E, R> =
  | (Folded<S> & { readonly ok: true; readonly events: readonly E[] })
  | { readonly ok: false; readonly refusal: R; readonly position: bigint | undefined };

/** The stream went on changing under every attempt to append. */
export class ContendedError extends Error {
  override readonly name = 'ContendedError';
}

/** Folds one event after another, in a state of its own. */
export type Folder<S, E> = { readonly take: (event: E) => void; readonly state: () => S };

/** Folds into a draft that `draftOf` makes of a state, which stays as it is; of the initial one by default. */
export const draftFolder =
  <S, D extends S, E>(initial: S, draftOf: (state: S) => D, accumulate: (draft: D, event: E) => void) =>
  (from: S = initial): Folder<S, E> => {
    const draft = draftOf(from);
    return { take: (event) => accumulate(draft, event), state: () => draft };
  };

/** One kind of stream: its decider, and how a logged event becomes one of its own. */
export type StreamKind<S, C, E extends DomainEvent, R> = {
  readonly decider: Decider<S, C, E, R>;
  readonly isOwn: (event: DomainEvent) => event is E;
  /** Folds a stream in one go, for states that are costly to copy. */
  readonly folder?: () => Folder<S, E>;
  /** Spares the read of a stream that this process appended to last. */
  readonly recent?: RecentStates<S>;
};

const stepwise = <S, C, E, R>({ initial, evolve }: Decider<S, C, E, R>): Folder<S, E> => {
  let state = initial;
  return {
    take: (event) => {
      state = evolve(state, event);
    },
    state: () => state,
  };
};

/** Hands over a stream's events one by one, from a revision on if one is named, and answers where its last lies, also one that only newer code knows. */
export const readThrough = async (
  store: EventStore,
  streamId: string,
  take: (event: Recorded<DomainEvent>) => void,
  { from, personal = false }: { from?: bigint; personal?: boolean } = {},
): Promise<StreamPlace | undefined> => {
  let last: StreamPlace | undefined;
  const unknown = (at: StreamPlace): void => {
    last = at;
  };
  for await (const event of store.readStream(streamId, { ...(from === undefined ? {} : { from }), personal, unknown })) {
    take(event);
    last = event;
  }
  return last;
};

/** Folds a stream; `personal` opens sealed fields. */
export const fold = async <S, C, E extends DomainEvent, R>(
  store: EventStore,
  { decider, isOwn, folder = () => stepwise(decider) }: StreamKind<S, C, E, R>,
  streamId: string,
  personal = false,
): Promise<Folded<S>> => {
  const folding = folder();
  const take = (event: Recorded<DomainEvent>): void => {
    if (isOwn(event)) folding.take(event);
  };
  const last = await readThrough(store, streamId, take, { personal });
  return { state: folding.state(), revision: last?.revision, position: last?.position };
};

export type Deciding<S, E, R> = {
  readonly store: EventStore;
  readonly streamId: string;
  readonly load: () => Promise<Folded<S>>;
  readonly decide: (state: S) => Decision<E, R>;
  readonly context: CommandContext;
  /** Decided on first, without a read: it may be out of date, which an append finds out, and a decision without one is made anew. */
  readonly assumed?: Folded<S> | undefined;
};

/** Loads, decides, appends at the revision that was read; decides anew when another writer came between, ten times at most. */
export const decideAnew = async <S, E extends DomainEvent, R>(deciding: Deciding<S, E, R>): Promise<Handled<S, E, R>> => {
  const { store, streamId, load, decide, context, assumed } = deciding;
  let isRead = assumed === undefined;
  let folded = assumed ?? (await load());
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    let decision = decide(folded.state);
    if (!isRead && (!decision.ok || decision.events.length === 0)) {
      folded = await load();
      decision = decide(folded.state);
    }
    isRead = true;
    if (!decision.ok) return { ok: false, refusal: decision.refusal, position: folded.position };
    const { events } = decision;
    if (events.length === 0) return { ok: true, events, ...folded };
    const appended = await store.append(streamId, events, folded.revision ?? 'no-stream', context);
    if (appended.ok) return { ok: true, state: folded.state, events, revision: appended.revision, position: appended.position };
    folded = await load();
  }
  throw new ContendedError(`${streamId.split('-')[0]} stream: another writer came first ${ATTEMPTS} times`);
};

/**
 * Keeps the state that events just appended led to; `state` is the one before them, without personal data, which isn't kept in memory.
 * Nothing is kept after events that hold some.
 */
export const noteAppended = <S, C, E extends DomainEvent, R>(
  store: EventStore,
  { decider, recent }: StreamKind<S, C, E, R>,
  streamId: string,
  { state, events, revision, position }: Folded<S> & { readonly events: readonly E[] },
): void => {
  const isPersonal = events.some(({ type }) => holdsPersonalData(type));
  recent?.note(store, streamId, isPersonal ? undefined : { state: events.reduce(decider.evolve, state), revision, position });
};

/**
 * Carries out a command on one stream. It may be made of the state that it is decided on. `assume` skips the first read where the caller
 * expects no stream: booking then costs one append and no read. So does a command on a stream whose kind keeps recent states.
 */
export const handle = async <S, C, E extends DomainEvent, R>(
  store: EventStore,
  kind: StreamKind<S, C, E, R>,
  streamId: string,
  command: C | ((state: S) => C),
  context: CommandContext,
  assume?: 'no-stream',
): Promise<Handled<S, E, R>> => {
  const { decider, recent } = kind;
  const handled = await decideAnew({
    ...{ store, streamId, context },
    load: () => fold(store, kind, streamId),
    decide: (state) => decider.decide(command instanceof Function ? command(state) : command, state),
    assumed: assume === undefined ? recent?.recall(store, streamId) : { state: decider.initial, revision: undefined, position: undefined },
  });
  if (handled.ok && handled.events.length > 0) noteAppended(store, kind, streamId, handled);
  return handled;
};
