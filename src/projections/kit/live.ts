import type { Clock } from '../../clock.ts';
import type { EventStore, Feed } from '../../eventstore/event-store.ts';
import type { Fed } from './batch.ts';
import { earliestOf, noteProblem } from './builds.ts';
import type { Database } from './database.ts';
import { feedAll } from './feeder.ts';
import { forgetInCopies } from './forget.ts';
import { isItem } from './log-source.ts';
import { mutex } from './mutex.ts';
import { foreignLog } from './prepare.ts';
import { trackLag, waiters } from './progress.ts';
import { boundedQueue } from './queue.ts';
import { readInto } from './reader.ts';
import { type Persistence, retrying } from './retrying.ts';
import { ProjectionsStopped } from './stop.ts';

export type LiveOptions = Persistence & {
  readonly db: Database;
  readonly store: Pick<EventStore, 'follow' | 'idAt'>;
  readonly clock: Clock;
  readonly personal: boolean;
  readonly batchSize: number;
  readonly lingerMs: number;
  readonly failed: (error: unknown) => void;
  /** So many events more are projected. */
  readonly projected?: (events: number) => void;
};

/** The builds that are served, fed by one reader as the log grows. */
export type Live = {
  readonly fed: () => readonly Fed[];
  /** What all of them have folded; undefined when there is none, or nothing was folded. */
  readonly position: () => bigint | undefined;
  /** Runs while no batch is projected; what it answers takes the place of the builds fed so far. */
  readonly change: (work: (fed: readonly Fed[]) => Promise<readonly Fed[]>) => Promise<void>;
  readonly isCaughtUp: () => boolean;
  readonly lagMs: () => number | null;
  /** See `waiters`: conditions are looked at after each batch. */
  readonly waitFor: (until: () => boolean, timeoutMs?: number) => Promise<boolean>;
  /** Has them looked at. */
  readonly look: () => void;
  readonly close: () => Promise<void>;
};

const QUEUE_BATCHES = 4;
const LONGEST_LINGERS = 4;

/** When the next batch may begin: as long after the last as that took, up to a bound, so that many events share what a batch costs. */
const nextBatchAt = (started: number, ended: number, lingerMs: number): number =>
  Math.max(started + lingerMs, ended + Math.min(ended - started, LONGEST_LINGERS * lingerMs));

/** Nothing is read before `change` brings the first build. */
export const liveFeed = (options: LiveOptions): Live => {
  const { db, store, clock, signal, log, personal, batchSize, lingerMs, failed, projected } = options;
  const persistence = { signal, log };
  const exclusively = mutex();
  const queue = boundedQueue<Feed>(batchSize * QUEUE_BATCHES);
  const lag = trackLag(clock);
  const { look, waitFor } = waiters(clock);
  let fed: readonly Fed[] = [];
  let isCaughtUp = false;
  let working: Promise<unknown> | undefined;

  const position = () => earliestOf(fed.map(({ checkpoint }) => checkpoint));

  /** Before each connection: the log must still be the one that everything was folded from. */
  const checkLog = async () => {
    for (const { model, table, checkpoint } of fed) {
      const problem = await foreignLog({ name: model.projection.name, table, checkpoint }, store.idAt);
      if (problem === undefined) continue;
      await noteProblem(db, table, problem);
      throw new ProjectionsStopped('foreign-log', problem);
    }
  };

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
      if (feeds.length === 0) return;
      // before, so that a crash can't lose it; and after, for a copy that was being made meanwhile
      const projections = fed.map(({ model }) => model.projection);
      const forget = () => forgetInCopies(db, projections, feeds);
      await exclusively(async () => {
        await retrying('forgetting in copies', persistence, forget);
        fed = await feedAll(db, persistence, fed, feeds.filter(isItem));
        await retrying('forgetting in copies', persistence, forget);
      });
      lag.folded(feeds, queue.size());
      isCaughtUp ||= feeds.some((feed) => !isItem(feed));
      projected?.(feeds.length);
      look();
      next = nextBatchAt(started, performance.now(), lingerMs);
    }
  };

  const startReading = () => {
    const reading = readInto({
      ...{ ...persistence, store, after: position(), personal, queue: { ...queue, put } },
      ...{ beforeReading: checkLog, connected: lag.connected },
    });
    working = Promise.all([reading, pump().catch(failed)]);
  };

  return {
    fed: () => fed,
    position,
    change: async (work) => {
      await exclusively(async () => {
        fed = await work(fed);
      });
      if (working === undefined && fed.length > 0 && !signal.aborted) startReading();
      look();
    },
    isCaughtUp: () => isCaughtUp,
    lagMs: lag.lagMs,
    waitFor,
    look,
    close: async () => {
      queue.close();
      await working;
    },
  };
};
