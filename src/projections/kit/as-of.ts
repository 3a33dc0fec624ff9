import type { EventStore } from '../../eventstore/event-store.ts';
import { buildBeside } from './beside.ts';
import { insertBlocks, readBlocks } from './blocks.ts';
import { moveCheckpoints, readBuilds } from './builds.ts';
import type { Database } from './database.ts';
import { forgetLost } from './forget.ts';
import type { Model } from './model.ts';
import { asOfTable } from './names.ts';
import { createBuild, dropBuild, foreignLog, servedBuild } from './prepare.ts';
import { applyBatch, type Event, type Kept, type Projection, type RowData } from './projection.ts';
import type { Persistence } from './retrying.ts';
import { nearestSnapshot } from './snapshots.ts';

/** A table with the rows of a read model as they were; `drop` when it has been read. */
export type AsOf = { readonly table: string; readonly drop: () => Promise<void> };

export type AsOfOptions = Persistence & {
  readonly db: Database;
  readonly store: Pick<EventStore, 'follow' | 'idAt' | 'lastPosition'>;
  readonly cacheRows: number;
};

/**
 * A read model as it was when the event at `position` had been folded: its nearest earlier snapshot, with what came after folded on.
 * `position` must be an event's. Personal data that was lost since is null, as it is in the served table.
 */
export const asOf = async ({ db, store, signal, log, cacheRows }: AsOfOptions, model: Model, position: bigint): Promise<AsOf> => {
  const { name, version } = model.projection;
  if ((await store.idAt(position)) === undefined) throw new Error(`there is no event at position ${position}`);
  const nearest = await nearestSnapshot(db, model, position);
  const snapshot = nearest !== undefined && (await foreignLog(nearest, store.idAt)) === undefined ? nearest : undefined;
  const empty = await createBuild(db, model, asOfTable(name, version, position));
  const { table } = empty;
  const drop = () => dropBuild(db, model, table);
  try {
    if (snapshot !== undefined)
      await db.transaction().execute(async (tx) => {
        await model.copy(tx, snapshot.table, table);
        await insertBlocks(tx, table, await readBlocks(tx, snapshot.table));
        await moveCheckpoints(tx, [{ table, from: undefined, to: snapshot.at }]);
      });
    const begun = { model, ...empty, checkpoint: snapshot?.checkpoint };
    const built = await buildBeside({ db, store, signal, log, cacheRows, limit: () => position }, [begun]);
    await built.close();
    const served = servedBuild(model, await readBuilds(db));
    if (served !== undefined) await forgetLost(db, model.projection, served.table, table);
    return { table, drop };
  } catch (error) {
    await drop();
    throw error;
  }
};

/** The row of one key after these events, such as those of its stream up to an instant; undefined if there is none. */
export const rowAfter = async (projection: Projection, key: string, events: AsyncIterable<Event>): Promise<RowData | undefined> => {
  const rows = new Map<string, Kept>();
  for await (const event of events) {
    const keys = projection.keysOf(event).filter((each) => each === key);
    const { changed, failures } = applyBatch(projection, rows, [{ event, keys }]);
    const [failure] = failures;
    if (failure !== undefined) throw failure.error;
    for (const [changedKey, row] of changed) rows.set(changedKey, row);
  }
  return rows.get(key)?.row;
};
