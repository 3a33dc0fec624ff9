import type { Clock } from '../../clock.ts';
import type { EventStore, Feed } from '../../eventstore/event-store.ts';
import { isItem } from './log-source.ts';
import { trackLag } from './progress.ts';
import { boundedQueue } from './queue.ts';
import { readInto } from './reader.ts';
import type { Persistence } from './retrying.ts';

export type LaneOptions = Persistence & {
  readonly store: Pick<EventStore, 'follow'>;
  readonly clock: Clock;
  readonly personal: boolean;
  readonly batchSize: number;
  readonly lingerMs: number;
  /** Called before each connection to the event store; what it throws is handled like a lost connection. */
  readonly beforeReading: () => Promise<void>;
  readonly project: (feeds: readonly Feed[]) => Promise<void>;
  /** Hears of a batch once it is projected, and counted in lag and standing. */
  readonly projected: (feeds: readonly Feed[]) => void;
  readonly failed: (error: unknown) => void;
  /** Hears why reading was interrupted, to be tried again. */
  readonly interrupted?: (error: unknown) => void;
};

/** One reader of the log, and the batches that are made of what it reads. */
export type Lane = {
  readonly begin: (after: bigint | undefined) => void;
  readonly hasBegun: () => boolean;
  readonly isCaughtUp: () => boolean;
  /** See `trackLag`. */
  readonly lagMs: () => number | null;
  /** Settles once nothing of it runs any more. A batch that was taken is projected. */
  readonly close: () => Promise<void>;
};

const QUEUE_BATCHES = 4;
const LONGEST_LINGERS = 4;

/** When the next batch may begin: as long after the last as that took, up to a bound, so that many events share what a batch costs. */
const nextBatchAt = (started: number, ended: number, lingerMs: number): number =>
  Math.max(started + lingerMs, ended + Math.min(ended - started, LONGEST_LINGERS * lingerMs));

/** Reads nothing before it is told to begin. */
export const openLane = (options: LaneOptions): Lane => {
  const { store, clock, log, personal, batchSize, lingerMs, beforeReading, project, projected, failed, interrupted } = options;
  const own = new AbortController();
  const signal = AbortSignal.any([options.signal, own.signal]);
  const queue = boundedQueue<Feed>(batchSize * QUEUE_BATCHES);
  const lag = trackLag(clock);
  let isCaughtUp = false;
  let working: Promise<unknown> | undefined;

  const put = (feed: Feed) => {
    lag.received();
    return queue.put(feed);
  };

  const pump = async () => {
    for (let next = Number.NEGATIVE_INFINITY; ; ) {
      await queue.filled(1);
      const pause = next - performance.now();
      if (pause > 0) await Promise.race([queue.filled(batchSize), new Promise((resolve) => setTimeout(resolve, pause))]);
      const started = performance.now();
      const feeds = await queue.take(batchSize);
      if (feeds.length === 0 || own.signal.aborted) return;
      await project(feeds);
      lag.folded(feeds, queue.size());
      isCaughtUp ||= feeds.some((feed) => !isItem(feed));
      projected(feeds);
      next = nextBatchAt(started, performance.now(), lingerMs);
    }
  };

  return {
    begin: (after) => {
      const reading = readInto({
        ...{ signal, log, store, after, personal, queue: { ...queue, put }, beforeReading, connected: lag.connected },
        ...(interrupted === undefined ? {} : { interrupted }),
      });
      working = Promise.all([reading, pump().catch(failed)]);
    },
    hasBegun: () => working !== undefined,
    isCaughtUp: () => isCaughtUp,
    lagMs: lag.lagMs,
    close: async () => {
      own.abort();
      queue.close();
      await working;
    },
  };
};
