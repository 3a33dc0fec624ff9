import { type Fed, type Item, isDone, projectBatch, type Task, taskOf } from './batch.ts';
import { reportBlocks } from './blocks.ts';
import { moveCheckpoints, readBuild } from './builds.ts';
import type { Database } from './database.ts';
import { feedWithoutPersonal } from './personal.ts';
import { fedOf } from './prepare.ts';
import { type Persistence, retrying } from './retrying.ts';

/** What a transaction left that was committed, but never answered. */
const reloaded = async (db: Database, fed: Fed): Promise<Fed> => {
  const build = await readBuild(db, fed.table);
  if (build === undefined) return fed;
  if (fed.served) fed.model.swapped?.();
  return fedOf(db, fed.model, { ...build, served: fed.served });
};

const projectOne = (db: Database, persistence: Persistence, task: Task): Promise<Fed> =>
  retrying(`projecting ${task.fed.table}`, persistence, async (again) => {
    if (again && (await isDone(db, task.fed, task.to))) return reloaded(db, task.fed);
    const { fed, changes, added } = await projectBatch(db, task);
    if (fed.served && changes.length > 0) fed.model.committed?.(changes);
    reportBlocks(persistence.log, fed.table, added);
    return fed;
  });

/** Moves the checkpoints of builds that a batch doesn't concern, all in one statement. */
const passOver = async (db: Database, persistence: Persistence, tasks: readonly Task[]): Promise<Fed[]> => {
  const [first] = tasks;
  const moves = tasks.map(({ fed: { table, checkpoint }, to }) => ({ table, from: checkpoint, to }));
  if (first !== undefined)
    await retrying('moving checkpoints', persistence, async (again) => {
      if (again && (await isDone(db, first.fed, first.to))) return;
      await db.transaction().execute((tx) => moveCheckpoints(tx, moves));
    });
  return tasks.map(({ fed, to }) => ({ ...fed, checkpoint: to }));
};

const isIdle = ({ planned: { work, added } }: Task): boolean => work.length === 0 && added.length === 0;

/**
 * Projects one batch into every build that is fed, a transaction each, at once as far as the pool allows; settles when all are done.
 * Keeps trying while Postgres is away. Throws `ProjectionsStopped` when another runner has moved a checkpoint.
 */
export const feedAll = async (db: Database, persistence: Persistence, all: readonly Fed[], items: readonly Item[]): Promise<Fed[]> => {
  const closed = feedWithoutPersonal(items);
  const tasks = all.map((fed) => taskOf(fed, fed.model.projection.personal ? items : closed));
  const known = tasks.filter((task) => task !== undefined);
  const done = await Promise.all([
    passOver(db, persistence, known.filter(isIdle)),
    ...known.filter((task) => !isIdle(task)).map(async (task) => [await projectOne(db, persistence, task)]),
  ]);
  const after = new Map(done.flat().map((fed) => [fed.table, fed]));
  return all.map((fed) => after.get(fed.table) ?? fed);
};
