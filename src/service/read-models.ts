import { setTimeout } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { ReadModels } from '../api/deps.ts';
import type { Clock } from '../clock.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import { earliestOf, readBuilds } from '../projections/kit/builds.ts';
import type { Projections } from '../projections/kit/engine.ts';

const LOOK_MS = 50;

export type ReadModelsOptions = {
  readonly db: Kysely<unknown>;
  readonly store: Pick<EventStore, 'instantAt'>;
  /** Position of the last event that this node has seen. */
  readonly seen: () => bigint | undefined;
  /** What keeps the tables, where this node does. */
  readonly worker: () =>
    | { readonly work: { readonly lagMs: () => number; readonly engine: Pick<Projections, 'waitFor' | 'progress'> } }
    | undefined;
  readonly clock: Clock;
  readonly clockSpeed: number;
};

/** The read models as this node reads them. Where another node keeps them, how far they are is read from their checkpoints. */
export const readModels = ({ db, store, seen, worker, clock, clockSpeed }: ReadModelsOptions): ReadModels => {
  /** What all tables have folded; undefined when some have nothing yet. */
  const folded = async (): Promise<bigint | undefined> =>
    earliestOf((await readBuilds(db)).filter(({ served }) => served).map(({ checkpoint }) => checkpoint));
  /** One look for all who ask meanwhile, for tables only go forward. */
  const shared = (wait: () => Promise<unknown>) => {
    let looking: Promise<bigint> | undefined;
    return (): Promise<bigint> => {
      looking ??= wait()
        .then(folded)
        .then((position) => position ?? -1n)
        .finally(() => {
          looking = undefined;
        });
      return looking;
    };
  };
  const look = shared(async () => undefined);
  const lookAgain = shared(() => setTimeout(LOOK_MS));
  /** The age of the last event that the tables show, if this node has seen a later one. */
  const ageMs = async (): Promise<number> => {
    const [last, shown] = [seen(), await folded()];
    if (last === undefined || (shown !== undefined && shown >= last)) return 0;
    const at = shown === undefined ? undefined : await store.instantAt(shown);
    return at === undefined ? 0 : Math.max(0, clock.now() - Date.parse(at));
  };
  return {
    db,
    table: (projection) => projection,
    problem: async (projection) => (await readBuilds(db)).find(({ name, served }) => served && name === projection)?.problem ?? null,
    lagMs: async () => {
      const work = worker()?.work;
      if (work === undefined) return ageMs();
      // a table that another version left is shown as it is until that of this one is built
      const isFed = work.engine.progress().every(({ problem }) => problem === null);
      return isFed ? work.lagMs() : Math.max(work.lagMs(), await ageMs());
    },
    waitFor: async (position, timeoutMs) => {
      const local = worker();
      if (local !== undefined) return local.work.engine.waitFor(position, timeoutMs * clockSpeed);
      const end = performance.now() + timeoutMs;
      for (let shown = await look(); shown < position; shown = await lookAgain()) if (performance.now() >= end) return false;
      return true;
    },
  };
};
