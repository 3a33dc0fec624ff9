import { putNewest } from '../domain/kit/put-newest.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import type { Folded } from './folded.ts';

/** Streams that a process keeps the state of: those of the calls under way, and room. */
const MOST = 4_096;

/** In what state this process left streams of one kind, for the next command on them; by the store that they are in. */
export type RecentStates<S> = {
  readonly recall: (store: EventStore, streamId: string) => Folded<S> | undefined;
  /** Keeps a state that an append led to; undefined forgets the stream. */
  readonly note: (store: EventStore, streamId: string, folded: Folded<S> | undefined) => void;
};

/** Keeps the `most` states noted last of each store. Another process may have gone on since: what they say is held to by the append alone. */
export const recentStates = <S>(most = MOST): RecentStates<S> => {
  const byStore = new WeakMap<EventStore, Map<string, Folded<S>>>();
  return {
    recall: (store, streamId) => byStore.get(store)?.get(streamId),
    note: (store, streamId, folded) => {
      const states = byStore.get(store) ?? new Map<string, Folded<S>>();
      byStore.set(store, states);
      if (folded === undefined) states.delete(streamId);
      else putNewest(states, streamId, folded, most);
    },
  };
};
