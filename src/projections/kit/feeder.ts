import { type Fed, type Item, isDone, type Projected, projectBatch, projectTogether, type Task, taskOf } from './batch.ts';
import { reportBlocks } from './blocks.ts';
import { readBuild } from './builds.ts';
import { type Database, isDataError } from './database.ts';
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

const tell = ({ log }: Persistence, { fed, changes, added }: Projected): Fed => {
  if (fed.served && changes.length > 0) fed.model.committed?.(changes);
  reportBlocks(log, fed.table, added);
  return fed;
};

const projectOne = (db: Database, persistence: Persistence, task: Task): Promise<Fed> =>
  retrying(`projecting ${task.fed.table}`, persistence, async (again) =>
    again && (await isDone(db, task.fed, task.to)) ? reloaded(db, task.fed) : tell(persistence, await projectBatch(db, task)),
  );

/** Projects a batch into all builds in one transaction; undefined where Postgres refuses some row of it. */
const projectAll = (db: Database, persistence: Persistence, tasks: readonly Task[]): Promise<Fed[] | undefined> =>
  retrying('projecting', persistence, async (again) => {
    const [first] = tasks;
    if (first === undefined) return [];
    if (again && (await isDone(db, first.fed, first.to))) return Promise.all(tasks.map(({ fed }) => reloaded(db, fed)));
    try {
      return (await projectTogether(db, tasks)).map((projected) => tell(persistence, projected));
    } catch (error) {
      if (isDataError(error)) return undefined;
      throw error;
    }
  });

/**
 * Projects one batch into every build that is fed: all in one transaction, so that a batch costs few round trips; or where Postgres
 * refuses a row, each in one of its own. Keeps trying while Postgres is away. Throws `ProjectionsStopped` when another runner has moved
 * a checkpoint.
 */
export const feedAll = async (db: Database, persistence: Persistence, all: readonly Fed[], items: readonly Item[]): Promise<Fed[]> => {
  const closed = feedWithoutPersonal(items);
  const tasks = all.flatMap((fed) => taskOf(fed, fed.model.projection.personal ? items : closed) ?? []);
  const done = (await projectAll(db, persistence, tasks)) ?? (await Promise.all(tasks.map((task) => projectOne(db, persistence, task))));
  const after = new Map(done.map((fed) => [fed.table, fed]));
  return all.map((fed) => after.get(fed.table) ?? fed);
};
