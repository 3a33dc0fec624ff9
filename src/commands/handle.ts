import type { DomainEvent } from '../domain/catalogue.ts';
import type { Decider } from '../domain/kit/decider.ts';
import type { Recorded } from '../domain/kit/events.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore, StreamPlace } from '../eventstore/event-store.ts';

const ATTEMPTS = 10;

/** A stream folded: its state, and the revision and position of its last event, also of one that only newer code knows (undefined: no event). */
export type Folded<S> = { readonly state: S; readonly revision: bigint | undefined; readonly position: bigint | undefined };

/** What a command came to. `state` is what it was decided on; `events` are those that this call appended, none for a repeat; `position` is that of the stream's last event. */
export type Handled<S, E, R> =
  | {
      readonly ok: true;
      readonly state: S;
      readonly events: readonly E[];
      readonly position: bigint | undefined;
    }
  | { readonly ok: false; readonly refusal: R; readonly position: bigint | undefined };

/** The stream went on changing under every attempt to append. */
export class ContendedError extends Error {
  override readonly name = 'ContendedError';
}

/** One kind of stream: its decider, and how a logged event becomes one of its own. */
export type StreamKind<S, C, E extends DomainEvent, R> = {
  readonly decider: Decider<S, C, E, R>;
  readonly isOwn: (event: Recorded<DomainEvent>) => event is Recorded<DomainEvent> & E;
  /** Folds a stream in one go, for states that are costly to copy: a fresh fold that takes one event after another. */
  readonly folder?: () => { readonly take: (event: E) => void; readonly state: () => S };
};

const stepwise =
  <S, C, E, R>({ initial, evolve }: Decider<S, C, E, R>) =>
  () => {
    let state = initial;
    return {
      take: (event: E) => {
        state = evolve(state, event);
      },
      state: () => state,
    };
  };

/** Folds a stream; `personal` opens sealed fields. */
export const fold = async <S, C, E extends DomainEvent, R>(
  store: EventStore,
  { decider, isOwn, folder = stepwise(decider) }: StreamKind<S, C, E, R>,
  streamId: string,
  personal = false,
): Promise<Folded<S>> => {
  const folding = folder();
  let last: StreamPlace | undefined;
  const unknown = (at: StreamPlace): void => {
    last = at;
  };
  for await (const event of store.readStream(streamId, { personal, unknown })) {
    if (isOwn(event)) folding.take(event);
    last = event;
  }
  return { state: folding.state(), revision: last?.revision, position: last?.position };
};

/**
 * Loads, decides, appends at the revision that was read; decides anew when another writer came between.
 * A command may be made of the state that it is decided on. `assume` skips the first read where the caller expects no stream: booking then costs one append and no read.
 */
export const handle = async <S, C, E extends DomainEvent, R>(
  store: EventStore,
  kind: StreamKind<S, C, E, R>,
  streamId: string,
  command: C | ((state: S) => C),
  context: CommandContext,
  assume?: 'no-stream',
): Promise<Handled<S, E, R>> => {
  const { decider } = kind;
  let folded: Folded<S> =
    assume === 'no-stream' ? { state: decider.initial, revision: undefined, position: undefined } : await fold(store, kind, streamId);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const decision = decider.decide(command instanceof Function ? command(folded.state) : command, folded.state);
    if (!decision.ok) return { ok: false, refusal: decision.refusal, position: folded.position };
    const { events } = decision;
    if (events.length === 0) return { ok: true, events, state: folded.state, position: folded.position };
    const appended = await store.append(streamId, events, folded.revision ?? 'no-stream', context);
    if (appended.ok) return { ok: true, state: folded.state, events, position: appended.position };
    folded = await fold(store, kind, streamId);
  }
  throw new ContendedError(`${streamId.split('-')[0]} stream: another writer came first ${ATTEMPTS} times`);
};
