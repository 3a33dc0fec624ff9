import type { Fed } from './batch.ts';
import { blocksOf, createBlocksTable, deleteBlocks, readBlocks } from './blocks.ts';
import { type Build, createBuildsTable, deleteBuild, insertBuild, markServed, noteProblem, readBuilds } from './builds.ts';
import type { Database, Session } from './database.ts';
import { type Model, shapeOf } from './model.ts';
import { firstTable, freeTable, isRebuildTable } from './names.ts';
import { ProjectionsStopped } from './stop.ts';

export const createEngineTables = async (session: Session): Promise<void> => {
  await createBuildsTable(session);
  await createBlocksTable(session);
};

const isOf = (model: Model) => (build: Build) => build.name === model.projection.name && build.version === model.projection.version;

/** The build of a model's version that readers get; undefined when there is none yet. Throws when its columns changed without its version. */
export const servedBuild = (model: Model, builds: readonly Build[]): Build | undefined => {
  const served = builds.filter(isOf(model)).find((build) => build.served);
  if (served !== undefined && served.shape !== shapeOf(model.projection))
    throw new ProjectionsStopped('changed-definition', `${served.table}: columns or indexes changed, but the version didn't; raise it`);
  return served;
};

/** A rebuild begun earlier that isn't served yet, such as one that a kill interrupted. */
export const unfinishedBuild = (model: Model, builds: readonly Build[]): Build | undefined => {
  const { name, version } = model.projection;
  return builds
    .filter(isOf(model))
    .find(({ table, served, shape }) => !served && shape === shapeOf(model.projection) && isRebuildTable(table, name, version));
};

/** A new, empty build of a model, with its tables. Nobody reads it yet, and it has no indexes. `table`: its name, if it isn't taken. */
export const createBuild = (db: Database, model: Model, table?: string): Promise<Build> =>
  db.transaction().execute(async (tx) => {
    const { name, version } = model.projection;
    const taken = (await readBuilds(tx)).map((build) => build.table);
    const build: Build = {
      ...{ table: freeTable(table ?? firstTable(name, version), taken), name, version, shape: shapeOf(model.projection) },
      ...{ served: false, checkpoint: undefined, problem: null },
    };
    await model.create(tx, build.table);
    await insertBuild(tx, build);
    return build;
  });

/** Removes a build and all that belongs to it. */
export const dropBuild = (db: Database, model: Model, table: string): Promise<void> =>
  db.transaction().execute(async (tx) => {
    await model.drop(tx, table);
    await deleteBlocks(tx, table);
    await deleteBuild(tx, table);
  });

/** Makes readers get this build from now on, all at once. */
export const publishBuild = (db: Database, model: Model, table: string): Promise<void> =>
  db.transaction().execute(async (tx) => {
    await markServed(tx, model.projection.name, table);
    await model.publish(tx, table);
  });

export const fedOf = async (session: Session, model: Model, { table, served, checkpoint }: Build): Promise<Fed> => ({
  model,
  table,
  served,
  checkpoint,
  blocks: blocksOf(await readBlocks(session, table)),
});

/** Why a build mustn't be served or fed, if the log isn't the one that it was folded from. `idAt` answers the id of the event at a position. */
export const foreignLog = async (
  { checkpoint, name, table }: Pick<Build, 'checkpoint' | 'name' | 'table'>,
  idAt: (position: bigint) => Promise<string | undefined>,
): Promise<string | undefined> => {
  if (checkpoint === undefined) return undefined;
  const found = await idAt(checkpoint.position);
  const same = found !== undefined && (checkpoint.eventId === null || checkpoint.eventId === found);
  return same
    ? undefined
    : `${table} was folded from another log: its event at ${checkpoint.position} isn't there; run: npm run rebuild -- ${name}`;
};

/** The build that a model is to be fed in, with what speaks against it, as noted beside it; `fed` is undefined if it has to be rebuilt first. */
export const standingOf = async (
  db: Database,
  model: Model,
  idAt: (position: bigint) => Promise<string | undefined>,
): Promise<{ fed: Fed | undefined; problem: string | undefined }> => {
  const served = servedBuild(model, await readBuilds(db));
  if (served === undefined) return { fed: undefined, problem: undefined };
  const problem = await foreignLog(served, idAt);
  if (problem !== (served.problem ?? undefined)) await noteProblem(db, served.table, problem ?? null);
  return problem === undefined ? { fed: await fedOf(db, model, served), problem } : { fed: undefined, problem };
};
