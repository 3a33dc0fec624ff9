import type { Clock } from '../../clock.ts';
import type { EventStore, Feed } from '../../eventstore/event-store.ts';
import type { Fed, Item } from './batch.ts';
import { readBuilds } from './builds.ts';
import type { Database } from './database.ts';
import { feedAll } from './feeder.ts';
import type { Model } from './model.ts';
import { mutex } from './mutex.ts';
import { createBuild, createEngineTables, fedOf, foreignLog, noteProblem, publishBuild, servedBuild } from './prepare.ts';
import { trackLag, waiters } from './progress.ts';
import { boundedQueue } from './queue.ts';
import { readInto } from './reader.ts';
import { type Log, retrying } from './retrying.ts';
import { ProjectionsStopped } from './stop.ts';

export type ProjectionsOptions = {
  readonly db: Database;
  readonly store: Pick<EventStore, 'follow'>;
  /** Id of the event at exactly this position; undefined when the log has none there. */
  readonly idAt: (position: bigint) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly models: readonly Model[];
  readonly log: Log;
  /** A batch closes at so many events … */
  readonly batchSize?: number;
  /** … or when so many ms of the machine's time have passed since the last one; an event after a quiet time is projected at once. */
  readonly lingerMs?: number;
  /** The engine has given up: newer events in the log, or another runner. It is to be closed. */
  readonly onStopped?: (stopped: ProjectionsStopped) => void;
};

export type ModelProgress = {
  readonly name: string;
  readonly version: number;
  readonly position: bigint | undefined;
  /** See `trackLag`; null while nothing is known. */
  readonly lagMs: number | null;
  /** Keys and streams that wait for a repair. */
  readonly blocked: number;
  /** Why it isn't served: folded from another log, or still being built. */
  readonly problem: string | null;
};

export type Projections = {
  /** Settles once everything that was in the log at the start is projected. */
  readonly caughtUp: () => Promise<void>;
  /** True once every read model has projected the event at `position`; false after `timeoutMs` of clock time. */
  readonly waitFor: (position: bigint, timeoutMs: number) => Promise<boolean>;
  readonly progress: () => readonly ModelProgress[];
  readonly close: () => Promise<void>;
};

const QUEUE_BATCHES = 4;

/** Keeps read models up to date: one reader feeds all; they are folded, and written to Postgres. Starts in the background, and never throws. */
export const startProjections = (options: ProjectionsOptions): Projections => {
  const { db, store, idAt, clock, models, log, batchSize = 2_000, lingerMs = 25, onStopped } = options;
  const stopping = new AbortController();
  const persistence = { signal: stopping.signal, log };
  const exclusively = mutex();
  const queue = boundedQueue<Feed>(batchSize * QUEUE_BATCHES);
  const lag = trackLag(clock);
  const { look, waitFor } = waiters(clock);
  const problems = new Map<string, string>(models.map(({ projection: { name } }) => [name, 'not started']));
  let fed: readonly Fed[] = [];
  let isCaughtUp = false;

  const prepareOne = async (model: Model): Promise<Fed | undefined> => {
    const { name } = model.projection;
    const served = servedBuild(model, await readBuilds(db));
    const problem = served === undefined ? undefined : await foreignLog(served, idAt);
    if (served !== undefined && problem !== undefined) {
      await noteProblem(db, served.table, problem);
      problems.set(name, problem);
      log.error({ name }, problem);
      return undefined;
    }
    const build = served ?? (await createBuild(db, model));
    if (served === undefined) {
      await model.index(db, build.table);
      await publishBuild(db, model, build.table);
    }
    problems.delete(name);
    return fedOf(db, model, { ...build, served: true });
  };

  const checkLog = async () => {
    for (const { model, table, checkpoint } of fed) {
      const { name, version } = model.projection;
      const problem = await foreignLog({ table, name, version, shape: '', served: true, checkpoint, problem: null }, idAt);
      if (problem !== undefined) throw new ProjectionsStopped('foreign-log', problem);
    }
  };

  const pump = async () => {
    for (let last = 0; ; ) {
      const pause = last + lingerMs - performance.now();
      await queue.filled(1);
      if (pause > 0) await Promise.race([queue.filled(batchSize), new Promise((resolve) => setTimeout(resolve, pause))]);
      last = performance.now();
      const items = await queue.take(batchSize);
      if (items.length === 0) return;
      await exclusively(async () => {
        fed = await feedAll(
          db,
          persistence,
          fed,
          items.filter((item): item is Item => item.kind !== 'caught-up'),
        );
      });
      lag.folded(items, queue.size());
      isCaughtUp ||= items.some(({ kind }) => kind === 'caught-up');
      look();
    }
  };

  const run = async () => {
    await retrying('preparing the read models', persistence, () => createEngineTables(db));
    for (const model of models) {
      const ready = await retrying(`preparing ${model.projection.name}`, persistence, () => prepareOne(model));
      if (ready !== undefined) fed = [...fed, ready];
    }
    const positions = fed.map(({ checkpoint }) => checkpoint?.position);
    const after = positions.includes(undefined)
      ? undefined
      : positions.reduce((a, b) => (a === undefined || (b !== undefined && b < a) ? b : a), undefined);
    const personal = models.some(({ projection }) => projection.personal);
    void readInto({ ...persistence, store, after, personal, queue, beforeReading: checkLog, connected: lag.connected });
    await pump();
  };

  const running = run().catch((error: unknown) => {
    if (stopping.signal.aborted) return;
    const stopped = error instanceof ProjectionsStopped ? error : undefined;
    stopping.abort();
    queue.close();
    log.error({ reason: stopped?.reason }, `projections stopped: ${stopped?.message ?? String(error)}`);
    for (const { projection } of models) problems.set(projection.name, stopped?.message ?? 'stopped');
    if (stopped !== undefined) onStopped?.(stopped);
  });

  return {
    caughtUp: async () => void (await waitFor(() => isCaughtUp)),
    waitFor: (position, timeoutMs) =>
      waitFor(
        () => fed.length > 0 && fed.every(({ checkpoint }) => checkpoint !== undefined && checkpoint.position >= position),
        timeoutMs,
      ),
    progress: () =>
      models.map(({ projection: { name, version } }) => {
        const own = fed.find(({ model }) => model.projection.name === name);
        const blocked = own === undefined ? 0 : own.blocks.keys.size + own.blocks.streams.size;
        return { name, version, position: own?.checkpoint?.position, lagMs: lag.lagMs(), blocked, problem: problems.get(name) ?? null };
      }),
    close: async () => {
      stopping.abort();
      queue.close();
      await running;
    },
  };
};
