import { sql } from 'kysely';
import { insertBlocks, readBlocks } from './blocks.ts';
import { type Checkpoint, insertBuild, moveCheckpoints, readBuilds } from './builds.ts';
import type { Database } from './database.ts';
import { forgetLost } from './forget.ts';
import { type Model, shapeOf } from './model.ts';
import { isSnapshotTable, snapshotTable } from './names.ts';
import { dropBuild, servedBuild } from './prepare.ts';

/**
 * Copies the served table of a model as it is, so that an earlier position can be looked at without folding the whole log.
 * Discardable at any time. Answers its position; undefined when nothing has been folded yet.
 */
export const takeSnapshot = async (db: Database, model: Model): Promise<bigint | undefined> => {
  const taken = await copyServed(db, model);
  if (taken === undefined) return undefined;
  const now = servedBuild(model, await readBuilds(db));
  if (now !== undefined) await forgetLost(db, model.projection, now.table, taken.table); // what was lost while it was copied
  return taken.position;
};

const copyServed = (db: Database, model: Model): Promise<{ readonly table: string; readonly position: bigint } | undefined> =>
  db.transaction().execute(async (tx) => {
    await sql`set transaction isolation level repeatable read`.execute(tx);
    const builds = await readBuilds(tx);
    const served = servedBuild(model, builds);
    if (served?.checkpoint === undefined) return undefined;
    const { name, version } = model.projection;
    const { position } = served.checkpoint;
    const table = snapshotTable(name, version, position);
    if (builds.some((build) => build.table === table)) return { table, position };
    await model.copy(tx, served.table, table);
    await insertBuild(tx, { ...served, table, served: false });
    await insertBlocks(tx, table, await readBlocks(tx, served.table));
    await moveCheckpoints(tx, [{ table, from: undefined, to: served.checkpoint }]);
    return { table, position };
  });

/** The snapshots of a model, earliest first. */
const snapshotsOf = async (db: Database, { projection }: Model) => {
  const { name, version } = projection;
  return (await readBuilds(db))
    .filter(({ table, shape }) => isSnapshotTable(table, name, version) && shape === shapeOf(projection))
    .flatMap((build) => (build.checkpoint === undefined ? [] : [{ ...build, at: build.checkpoint }]))
    .sort((a, b) => (a.at.position < b.at.position ? -1 : 1));
};

/** Drops snapshots beyond so many, always the one that is nearest to its neighbours, so that what stays lies spread over the whole log. */
export const thinSnapshots = async (db: Database, model: Model, most: number): Promise<void> => {
  const positionOf = (build: { readonly at: Checkpoint } | undefined) => build?.at.position ?? 0n;
  for (let kept = await snapshotsOf(db, model); kept.length > most; kept = await snapshotsOf(db, model)) {
    const gaps = kept.slice(0, -1).map(({ table }, i) => ({ table, gap: positionOf(kept[i + 1]) - positionOf(kept[i - 1]) }));
    const [nearest] = gaps.sort((a, b) => (a.gap < b.gap ? -1 : 1));
    if (nearest === undefined) return;
    await dropBuild(db, model, nearest.table);
  }
};

/** The latest snapshot of a model at or before a position. */
export const nearestSnapshot = async (db: Database, model: Model, position: bigint) =>
  (await snapshotsOf(db, model)).findLast(({ at }) => at.position <= position);
