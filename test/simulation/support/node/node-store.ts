import type { EventStore } from '../../../../src/eventstore/event-store.ts';
import { inFlight } from './in-flight.ts';

/** How far the log goes, whoever appended. */
export type LogEnd = { position: bigint };

/** When a node dies: with the nth append from now on, before that is sent or after it was made and before its answer is heard. */
export type Death = { readonly appends: number; readonly when: 'BEFORE' | 'AFTER' };

/** One node's way to the event store. */
export type NodeStore = {
  readonly store: EventStore;
  /** Something is on its way, or a follower hasn't seen the end of the log yet. */
  readonly isBusy: () => boolean;
  /** From the given append on nothing passes; `died` is called then. */
  readonly dieWith: (death: Death, died: () => void) => void;
  readonly die: () => void;
};

/** What a node that is dead would have been told: nobody is there to hear it. */
const dead = () => new Error('this node is dead');

/** Comes between a node and its event store: counts what is on its way, and cuts it off when the node dies. */
export const nodeStore = (store: EventStore, end: LogEnd): NodeStore => {
  const flying = inFlight();
  const followers = new Set<{ position: bigint }>();
  const stop = new AbortController();
  let isDead = false;
  let ending: { left: number; readonly when: Death['when']; readonly died: () => void } | undefined;

  const die = () => {
    isDead = true;
    flying.forget();
    followers.clear();
    stop.abort();
  };
  const through = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isDead) throw dead();
    const result = await flying.during(work);
    if (isDead) throw dead();
    return result;
  };
  const isLast = (): boolean => ending !== undefined && --ending.left === 0;
  const appended: EventStore['append'] = async (...what) => {
    const made = await store.append(...what);
    if (made.ok && made.position > end.position) end.position = made.position;
    return made;
  };
  const append: EventStore['append'] = (...what) =>
    through(async () => {
      if (!isLast()) return appended(...what);
      const died = ending?.died ?? (() => {});
      const made = ending?.when === 'AFTER' ? await appended(...what) : undefined;
      die();
      died();
      if (made === undefined) throw dead();
      return made;
    });
  async function* counted<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
    const iterator = items[Symbol.asyncIterator]();
    try {
      for (let item = await through(() => iterator.next()); !item.done; item = await through(() => iterator.next())) yield item.value;
    } finally {
      await iterator.return?.();
    }
  }
  const follow: EventStore['follow'] = async function* ({ after, personal, signal }) {
    if (isDead) throw dead();
    const follower = { position: after ?? -1n };
    followers.add(follower);
    try {
      for await (const item of store.follow({ after, personal, signal: AbortSignal.any([signal, stop.signal]) })) {
        if (isDead) return;
        if (item.kind !== 'caught-up') follower.position = item.kind === 'event' ? item.event.position : item.position;
        yield item;
      }
    } finally {
      followers.delete(follower);
    }
  };
  return {
    store: {
      ...{ append, follow, close: async () => {} },
      readStream: (...what) => counted(store.readStream(...what)),
      eventsFrom: (...what) => counted(store.eventsFrom(...what)),
      lastOf: (...what) => through(() => store.lastOf(...what)),
      lastPosition: () => through(store.lastPosition),
      idAt: (...what) => through(() => store.idAt(...what)),
      instantAt: (...what) => through(() => store.instantAt(...what)),
    },
    isBusy: () => flying.any() || [...followers].some(({ position }) => position < end.position),
    dieWith: ({ appends, when }, died) => {
      ending = { left: appends, when, died };
    },
    die,
  };
};
