import type { EventStore, Feed } from '../../eventstore/event-store.ts';
import { type Item, positionOf } from './batch.ts';
import { boundedQueue } from './queue.ts';
import { readInto } from './reader.ts';
import type { Persistence } from './retrying.ts';

const CHUNK = 2_000;
const AHEAD = 4 * CHUNK;

export type LogSource = {
  /** The next items, in order, at most to position `limit`; 'caught-up' is handed over once. None when closed. Waits for some. */
  readonly take: (limit: bigint | undefined) => Promise<Feed[]>;
  readonly close: () => Promise<void>;
};

export type SourceOptions = Persistence & {
  readonly store: Pick<EventStore, 'follow'>;
  readonly after: bigint | undefined;
  readonly personal: boolean;
};

const isBeyond = (feed: Feed, limit: bigint | undefined): boolean =>
  feed.kind !== 'caught-up' && limit !== undefined && positionOf(feed) > limit;

/** A reader of the log of its own, pulled from: what is beyond a limit is kept for later. */
export const openLog = ({ signal, log, store, after, personal }: SourceOptions): LogSource => {
  const own = new AbortController();
  const stop = () => own.abort();
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const queue = boundedQueue<Feed>(AHEAD);
  let announceEnd = () => {};
  const end = new Promise<void>((resolve) => {
    announceEnd = resolve;
  });
  const put = (feed: Feed) => {
    if (feed.kind === 'caught-up') announceEnd();
    return queue.put(feed);
  };
  const reading = readInto({ signal: own.signal, log, store, after, personal, queue: { ...queue, put } });
  let kept: Feed[] = [];
  /** Until the end is reached, full chunks only: each costs every model a round. */
  const next = async (): Promise<Feed[]> => {
    await Promise.race([queue.filled(CHUNK), end]);
    return queue.take(CHUNK);
  };
  return {
    take: async (limit) => {
      if (kept.length === 0) kept = await next();
      const beyond = kept.findIndex((feed) => isBeyond(feed, limit));
      const taken = beyond === -1 ? kept : kept.slice(0, beyond);
      kept = beyond === -1 ? [] : kept.slice(beyond);
      return taken;
    },
    close: async () => {
      signal.removeEventListener('abort', stop);
      stop();
      queue.close();
      await reading;
    },
  };
};

export const isItem = (feed: Feed): feed is Item => feed.kind !== 'caught-up';
