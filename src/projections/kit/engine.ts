import type { Clock } from '../../clock.ts';
import type { EventStore } from '../../eventstore/event-store.ts';
import { type AsOf, asOf } from './as-of.ts';
import type { Fed } from './batch.ts';
import type { RebuildProgress } from './beside.ts';
import { type Database, describeError } from './database.ts';
import { keepSnapshots, type SnapshotSettings } from './keep-snapshots.ts';
import { liveFeed } from './live.ts';
import type { Model } from './model.ts';
import { mutex } from './mutex.ts';
import { createEngineTables, standingOf } from './prepare.ts';
import { dropOthers, type OnProgress, rebuild, type Verified, verify } from './rebuild.ts';
import { type Repaired, repair } from './repair.ts';
import { type Log, retrying } from './retrying.ts';
import { takeSnapshot } from './snapshots.ts';
import { ProjectionsStopped } from './stop.ts';

export type ProjectionsOptions = {
  readonly db: Database;
  readonly store: Pick<EventStore, 'follow' | 'idAt' | 'lastPosition' | 'readStream'>;
  readonly clock: Clock;
  readonly models: readonly Model[];
  readonly log: Log;
  /** A batch closes at so many events … */
  readonly batchSize?: number;
  /** … or when so many ms of the machine's time have passed since the last one; an event after a quiet time is projected at once. */
  readonly lingerMs?: number;
  /** Rows that a rebuild keeps in memory, over all models: what it costs and how often it writes. */
  readonly cacheRows?: number;
  /** For looks at earlier positions; none are taken by themselves when left out. */
  readonly snapshots?: SnapshotSettings;
  /** Hears how builds come along that are missing at the start. */
  readonly onProgress?: OnProgress;
  /** The engine has given up, and is to be closed: newer events in the log, another log, another runner. */
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
  /** Settles once all is built that was missing, and what was in the log at the start is projected, into those named or all. */
  readonly caughtUp: (names?: readonly string[]) => Promise<void>;
  /** True once every read model, or the one named, has projected the event at `position`; false after `timeoutMs` of clock time. */
  readonly waitFor: (position: bigint, timeoutMs: number, name?: string) => Promise<boolean>;
  readonly progress: () => readonly ModelProgress[];
  /** How far a rebuild or verification has come that is under way; undefined when none is. */
  readonly building: () => RebuildProgress | undefined;
  /** See `rebuild`, `verify`, `repair`, `takeSnapshot` and `asOf` of the files of those names. All models when none is named. */
  readonly rebuild: (names?: readonly string[], onProgress?: OnProgress) => Promise<void>;
  readonly verify: (names?: readonly string[], onProgress?: OnProgress) => Promise<Verified[]>;
  readonly repair: (name: string) => Promise<Repaired>;
  readonly snapshot: (name: string) => Promise<bigint | undefined>;
  readonly asOf: (name: string, position: bigint) => Promise<AsOf>;
  readonly close: () => Promise<void>;
};

/** Keeps read models up to date: one reader feeds all; they are folded, and written to Postgres. Starts in the background, and never throws. */
export const startProjections = (options: ProjectionsOptions): Projections => {
  const { db, store, clock, models, log, snapshots } = options;
  const { batchSize = 2_000, lingerMs = 25, cacheRows = 150_000, onProgress, onStopped } = options;
  const stopping = new AbortController();
  const persistence = { signal: stopping.signal, log };
  const refused = new Map<string, string>();
  const work = new Set<Promise<unknown>>();
  const oneByOne = mutex(); // what builds tables and drops them, or folds beside them: a start, a rebuild, a verification, a repair
  let building: RebuildProgress | undefined;
  let isComplete = false;
  let stoppedBy: string | undefined;

  const failed = (error: unknown) => {
    if (stopping.signal.aborted) return;
    const stopped = error instanceof ProjectionsStopped ? error : undefined;
    const why = stopped?.message ?? String(error);
    stopping.abort();
    log.error({ reason: stopped?.reason }, `projections stopped: ${why}`);
    stoppedBy = stopped?.message ?? describeError(error); // shown to operators: an error's message may hold a row
    if (stopped !== undefined) onStopped?.(stopped);
  };
  const personal = models.some(({ projection }) => projection.personal);
  const keep = snapshots && keepSnapshots({ db, log, models }, snapshots);
  const projected = (events: number) => {
    const taking = keep?.(events);
    if (taking !== undefined) track(taking);
  };
  const live = liveFeed({ ...persistence, db, store, clock, personal, batchSize, lingerMs, failed, projected });
  const tools = { ...persistence, db, store, live, cacheRows };

  /** Keeps what runs in view until it ends, so that closing waits for it. */
  const track = <T>(running: Promise<T>): Promise<T> => {
    const settled: Promise<unknown> = running.then(
      () => work.delete(settled),
      () => work.delete(settled),
    );
    work.add(settled);
    return running;
  };

  const start = async (told: OnProgress) => {
    await retrying('preparing the read models', persistence, () => createEngineTables(db));
    const ready: Fed[] = [];
    const missing: Model[] = [];
    for (const model of models) {
      const { name } = model.projection;
      const { fed, problem } = await retrying(`preparing ${name}`, persistence, () => standingOf(db, model, store.idAt));
      if (fed !== undefined) ready.push(fed);
      if (fed === undefined && problem === undefined) missing.push(model);
      if (problem === undefined) continue;
      refused.set(name, problem);
      log.error({ name }, problem);
    }
    await live.change(async () => ready);
    if (missing.length > 0) await rebuildAll(missing, told);
    for (const { model } of ready) await retrying('dropping old tables', persistence, () => dropOthers(tools, model));
    isComplete = true;
    live.look();
    for (const { model } of live.fed()) {
      const { name } = model.projection;
      const { repaired, blocked } = await retrying(`repairing ${name}`, persistence, () => repair(tools, name));
      if (repaired + blocked > 0) log.warn({ name, repaired, blocked }, 'what was blocked has been tried again');
    }
  };

  /** Runs what folds beside the served tables alone, and shows how it comes along. */
  const build = <T>(tell: OnProgress | undefined, run: (told: OnProgress) => Promise<T>): Promise<T> =>
    oneByOne(async () => {
      stopping.signal.throwIfAborted();
      try {
        return await run((progress) => {
          building = progress;
          tell?.(progress);
        });
      } finally {
        building = undefined;
      }
    });

  const rebuildAll = async (chosen: readonly Model[], tell?: OnProgress) => {
    await rebuild(tools, chosen, tell);
    for (const { projection } of chosen) refused.delete(projection.name);
  };

  const named = (names: readonly string[] | undefined): Model[] => {
    const known = models.map(({ projection }) => projection.name);
    const strange = names?.find((name) => !known.includes(name));
    if (strange !== undefined) throw new Error(`there is no read model ${strange}; there are ${known.join(', ')}`);
    return models.filter(({ projection }) => names?.includes(projection.name) ?? true);
  };
  const one = (name: string): Model => {
    const [model] = named([name]);
    if (model === undefined) throw new Error(`there is no read model ${name}`);
    return model;
  };
  const repairOne = ({ projection }: Model) => build(undefined, () => repair(tools, projection.name));
  const has = (position: bigint, name: string | undefined) => () => {
    const concerned = name === undefined ? live.fed() : live.fed().filter(({ model }) => model.projection.name === name);
    const all = name === undefined ? models.length : 1;
    return concerned.length === all && concerned.every(({ checkpoint }) => checkpoint !== undefined && checkpoint.position >= position);
  };

  track(build(onProgress, start).catch(failed));
  return {
    caughtUp: async (names) =>
      void (await live.waitFor(() => isComplete && live.isCaughtUp(named(names).some(({ projection }) => projection.personal)))),
    waitFor: (position, timeoutMs, name) => live.waitFor(has(position, name), timeoutMs),
    progress: () =>
      models.map(({ projection: { name, version, personal: isPersonal } }) => {
        const own = live.fed().find(({ model }) => model.projection.name === name);
        const blocked = own === undefined ? 0 : own.blocks.keys.size + own.blocks.streams.size;
        const problem = stoppedBy ?? (own === undefined ? (refused.get(name) ?? 'being built') : null);
        return { name, version, position: own?.checkpoint?.position, lagMs: live.lagMs(isPersonal), blocked, problem };
      }),
    building: () => building,
    rebuild: async (names, tell) => {
      const chosen = named(names);
      return track(build(tell, (told) => rebuildAll(chosen, told)));
    },
    verify: async (names, tell) => {
      const chosen = named(names);
      return track(build(tell, (told) => verify(tools, chosen, told)));
    },
    repair: async (name) => track(repairOne(one(name))),
    snapshot: async (name) => track(takeSnapshot(db, one(name))),
    asOf: async (name, position) => track(asOf(tools, one(name), position)),
    close: async () => {
      stopping.abort();
      await live.close();
      await Promise.all(work);
    },
  };
};
