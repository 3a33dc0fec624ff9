import type { Fed } from './batch.ts';
import { blocksOf, createBlocksTable, readBlocks } from './blocks.ts';
import { type Build, createBuildsTable, insertBuild, markServed, noteProblem, readBuilds } from './builds.ts';
import type { Database, Session } from './database.ts';
import { type Model, shapeOf } from './model.ts';
import { buildTable } from './names.ts';
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

/** A build begun earlier that isn't served yet, such as one that a kill interrupted. */
export const unfinishedBuild = (model: Model, builds: readonly Build[]): Build | undefined =>
  builds.filter(isOf(model)).find(({ served, shape, problem }) => !served && problem === null && shape === shapeOf(model.projection));

/** A new, empty build of a model, with its tables. Nobody reads it yet, and it has no indexes. */
export const createBuild = (db: Database, model: Model): Promise<Build> =>
  db.transaction().execute(async (tx) => {
    const { name, version } = model.projection;
    const table = buildTable(
      name,
      version,
      (await readBuilds(tx)).map((build) => build.table),
    );
    const build: Build = { table, name, version, shape: shapeOf(model.projection), served: false, checkpoint: undefined, problem: null };
    await model.create(tx, table);
    await insertBuild(tx, build);
    return build;
  });

/** Makes readers get this build from now on, all at once. Answers the table that they got before. */
export const publishBuild = (db: Database, model: Model, table: string): Promise<string | undefined> =>
  db.transaction().execute(async (tx) => {
    const { name } = model.projection;
    const before = (await readBuilds(tx)).find((build) => build.name === name && build.served);
    await markServed(tx, name, table);
    await model.publish(tx, table);
    return before?.table;
  });

export const fedOf = async (session: Session, model: Model, { table, served, checkpoint }: Build): Promise<Fed> => ({
  model,
  table,
  served,
  checkpoint,
  blocks: blocksOf(await readBlocks(session, table)),
});

export const REBUILD = (name: string): string => `run: npm run rebuild -- ${name}`;

/** Why a build mustn't be served or fed, if the log isn't the one that it was folded from. `idAt` answers the id of the event at a position. */
export const foreignLog = async (build: Build, idAt: (position: bigint) => Promise<string | undefined>): Promise<string | undefined> => {
  const { checkpoint, name, table } = build;
  if (checkpoint === undefined) return undefined;
  const found = await idAt(checkpoint.position);
  const same = found !== undefined && (checkpoint.eventId === null || checkpoint.eventId === found);
  return same ? undefined : `${table} was folded from another log: its event at ${checkpoint.position} isn't there; ${REBUILD(name)}`;
};

export { noteProblem };
