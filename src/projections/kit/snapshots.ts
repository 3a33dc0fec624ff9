import { sql } from 'kysely';
import { insertBlocks, readBlocks } from './blocks.ts';
import { insertBuild, moveCheckpoints, readBuilds } from './builds.ts';
import type { Database } from './database.ts';
import { type Model, shapeOf } from './model.ts';
import { isSnapshotTable, snapshotTable } from './names.ts';
import { servedBuild } from './prepare.ts';

/**
 * Copies the served table of a model as it is, so that an earlier position can be looked at without folding the whole log.
 * Discardable at any time. Answers its position; undefined when nothing has been folded yet.
 */
export const takeSnapshot = (db: Database, model: Model): Promise<bigint | undefined> =>
  db.transaction().execute(async (tx) => {
    await sql`set transaction isolation level repeatable read`.execute(tx);
    const builds = await readBuilds(tx);
    const served = servedBuild(model, builds);
    if (served?.checkpoint === undefined) return undefined;
    const { name, version } = model.projection;
    const { position } = served.checkpoint;
    const table = snapshotTable(name, version, position);
    if (builds.some((build) => build.table === table)) return position;
    await model.copy(tx, served.table, table);
    await insertBuild(tx, { ...served, table, served: false });
    await insertBlocks(tx, table, await readBlocks(tx, served.table));
    await moveCheckpoints(tx, [{ table, from: undefined, to: served.checkpoint }]);
    return position;
  });

/** The latest snapshot of a model at or before a position. */
export const nearestSnapshot = async (db: Database, model: Model, position: bigint) => {
  const { name, version } = model.projection;
  return (await readBuilds(db))
    .filter(({ table, shape }) => isSnapshotTable(table, name, version) && shape === shapeOf(model.projection))
    .flatMap((build) =>
      build.checkpoint === undefined || build.checkpoint.position > position ? [] : [{ ...build, at: build.checkpoint }],
    )
    .sort((a, b) => Number(b.at.position - a.at.position))[0];
};
