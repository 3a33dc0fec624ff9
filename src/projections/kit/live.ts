import type { Clock } from '../../clock.ts';
import { KeysUnavailableError } from '../../eventstore/codec.ts';
import type { EventStore, Feed } from '../../eventstore/event-store.ts';
import { type Fed, positionOf } from './batch.ts';
import { earliestOf, noteProblem } from './builds.ts';
import type { Database } from './database.ts';
import { feedAll } from './feeder.ts';
import { forgetInCopies } from './forget.ts';
import { type Lane, openLane } from './lane.ts';
import { isItem } from './log-source.ts';
import type { Model } from './model.ts';
import { mutex } from './mutex.ts';
import { foreignLog } from './prepare.ts';
import { waiters } from './progress.ts';
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
  /** What all of them have folded that read what these models read; undefined when there is none, or nothing was folded. */
  readonly position: (models: readonly Model[]) => bigint | undefined;
  /** Runs while no batch is projected; what it answers takes the place of the builds fed so far. */
  readonly change: (work: (fed: readonly Fed[]) => Promise<readonly Fed[]>) => Promise<void>;
  /** Whether what was in the log at the start is projected, in those without personal fields, or in all. */
  readonly isCaughtUp: (personal: boolean) => boolean;
  /** How far behind those without personal fields are, or all; see `trackLag`. */
  readonly lagMs: (personal: boolean) => number | null;
  /** See `waiters`: conditions are looked at after each batch. */
  readonly waitFor: (until: () => boolean, timeoutMs?: number) => Promise<boolean>;
  /** Has them looked at. */
  readonly look: () => void;
  readonly close: () => Promise<void>;
};

const isClosed = ({ model }: Fed): boolean => !model.projection.personal;
const reachedBy = (all: readonly Fed[]): bigint | undefined => earliestOf(all.map(({ checkpoint }) => checkpoint));

/**
 * Nothing is read before `change` brings the first build. While keys can't be asked for, which stops the reader at the first event that it can't
 * open, a second one goes on beside it for the builds that need none, until the first has caught up with them.
 */
export const liveFeed = (options: LiveOptions): Live => {
  const { db, store, clock, signal, log, personal, batchSize, lingerMs, failed, projected } = options;
  const persistence = { signal, log };
  const exclusively = mutex();
  const { look, waitFor } = waiters(clock);
  const ended = new Set<Promise<void>>();
  let fed: readonly Fed[] = [];
  let beside: Lane | undefined;

  /** Before each connection: the log must still be the one that everything was folded from. */
  const checkLog = async () => {
    for (const { model, table, checkpoint } of fed) {
      const problem = await foreignLog({ name: model.projection.name, table, checkpoint }, store.idAt);
      if (problem === undefined) continue;
      await noteProblem(db, table, problem);
      throw new ProjectionsStopped('foreign-log', problem);
    }
  };

  /** Projects a batch into the builds for which `concerns` holds. */
  const project = async (feeds: readonly Feed[], concerns: (one: Fed) => boolean): Promise<void> => {
    // before, so that a crash can't lose it; and after, for a copy that was being made meanwhile
    const projections = fed.map(({ model }) => model.projection);
    const forget = () => forgetInCopies(db, projections, feeds);
    await exclusively(async () => {
      await retrying('forgetting in copies', persistence, forget);
      const after = await feedAll(db, persistence, fed.filter(concerns), feeds.filter(isItem));
      fed = fed.map((one) => after.find(({ table }) => table === one.table) ?? one);
      await retrying('forgetting in copies', persistence, forget);
    });
  };

  const endBeside = () => {
    const ending = beside?.close();
    beside = undefined;
    if (ending === undefined) return;
    ended.add(ending);
    void ending.finally(() => ended.delete(ending));
  };
  /** Only builds that are fed now, and so from here on without a gap. */
  const beginBeside = () => {
    const closed = fed.filter(isClosed);
    const tables = new Set(closed.map(({ table }) => table));
    if (signal.aborted || closed.length === 0) return;
    const concerns = ({ table }: Fed): boolean => tables.has(table);
    beside = openLane({
      ...{ ...persistence, store, clock, batchSize, lingerMs, failed, personal: false, beforeReading: checkLog },
      ...{ project: (feeds) => project(feeds, concerns), projected: look },
    });
    beside.begin(reachedBy(closed));
  };

  /** The reader of all is where those are that need no keys, or at the log's end. */
  const isLevel = (feeds: readonly Feed[]): boolean => {
    const reached = reachedBy(fed.filter(isClosed));
    return feeds.some((feed) => !isItem(feed) || reached === undefined || positionOf(feed) >= reached);
  };
  const main = openLane({
    ...{ ...persistence, store, clock, batchSize, lingerMs, failed, personal, beforeReading: checkLog },
    interrupted: (error) => {
      if (!(error instanceof KeysUnavailableError) || beside !== undefined) return;
      log.warn('keys can’t be asked for; what needs no personal data goes on');
      beginBeside();
    },
    project: (feeds) => project(feeds, () => true),
    projected: (feeds) => {
      if (beside !== undefined && isLevel(feeds)) endBeside();
      projected?.(feeds.length);
      look();
    },
  });

  return {
    fed: () => fed,
    position: (models) => {
      const closed = fed.filter(isClosed);
      return reachedBy(closed.length === 0 || models.some(({ projection }) => projection.personal) ? fed : closed);
    },
    change: async (work) => {
      await exclusively(async () => {
        fed = await work(fed);
        if (beside === undefined) return;
        endBeside();
        beginBeside();
      });
      if (!main.hasBegun() && fed.length > 0 && !signal.aborted) main.begin(reachedBy(fed));
      look();
    },
    isCaughtUp: (ofAll) => main.isCaughtUp() || (!ofAll && beside?.isCaughtUp() === true),
    lagMs: (ofAll) => (ofAll || beside === undefined ? main : beside).lagMs(),
    waitFor,
    look,
    close: async () => {
      endBeside();
      await Promise.all([main.close(), ...ended]);
    },
  };
};
