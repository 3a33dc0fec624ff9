import type { EventStore } from '../../eventstore/event-store.ts';
import { checkpointAfter, type Fed, freshOf, type Item, isDone, projectBatch, taskOf } from './batch.ts';
import { blockOfFailure, blocksOf, insertBlocks, listOf, plan, reportBlocks } from './blocks.ts';
import { type Checkpoint, moveCheckpoints, readBuild, sameCheckpoint } from './builds.ts';
import { type Database, isDataError } from './database.ts';
import { isItem, openLog } from './log-source.ts';
import { fedOf } from './prepare.ts';
import { applyBatch, type Kept } from './projection.ts';
import { type Persistence, retrying } from './retrying.ts';
import type { Change } from './rows.ts';
import { seenKeys } from './seen-keys.ts';

/** A build that is folded in memory and written in large pieces. Its checkpoint moves only when all that was folded is written. */
export type Bulk = {
  /** The build as its table has it. */
  readonly written: () => Fed;
  /** Folds what comes next in the log, personal fields as the projection wants them. */
  readonly fold: (items: readonly Item[]) => Promise<void>;
  readonly unwritten: () => number;
  readonly flush: () => Promise<void>;
};

export type BulkOptions = Persistence & {
  readonly db: Database;
  readonly store: Pick<EventStore, 'follow'>;
  /** Rows that stay in memory after a flush, at most. */
  readonly cacheRows: number;
};

/** Goes on with a build from where its table is. Rows that were changed last stay in memory, so that most need never be read back. */
export const bulkFold = (options: BulkOptions, begun: Fed): Bulk => {
  const { db, store, signal, log, cacheRows } = options;
  const { model, table } = begun;
  const { projection } = model;
  const persistence = { signal, log };
  const kept = new Map<string, Kept>();
  const base = new Map<string, Kept | undefined>(); // the changed rows, as the table has them
  let written = begun;
  let folded = begun;
  let stored = begun.checkpoint === undefined ? seenKeys() : undefined; // undefined: any key may be in the table

  const load = async (keys: ReadonlySet<string>) => {
    const wanted = [...keys].filter((key) => !kept.has(key) && (stored?.mayHave(key) ?? true));
    if (wanted.length === 0) return;
    const found = await retrying(`reading ${table}`, persistence, () => model.load(db, table, wanted));
    for (const [key, row] of found) kept.set(key, row);
  };

  const fold = async (items: readonly Item[]) => {
    const fresh = freshOf(folded, items);
    const checkpoint = checkpointAfter(fresh);
    if (checkpoint === undefined) return;
    const { work, added } = plan(projection, folded.blocks, fresh);
    const keys = new Set<string>();
    for (const one of work) for (const key of one.keys) keys.add(key);
    await load(keys);
    const { changed, failures } = applyBatch(projection, kept, work);
    for (const [key, row] of changed) {
      if (!base.has(key)) base.set(key, kept.get(key));
      kept.delete(key); // the last changed come last
      kept.set(key, row);
    }
    const blocks = [...added, ...failures.map(blockOfFailure)];
    reportBlocks(log, table, blocks);
    folded = { ...folded, checkpoint, blocks: blocks.length === 0 ? folded.blocks : blocksOf([...blocks, ...listOf(folded.blocks)]) };
  };

  const changes = (): Change[] =>
    [...base].flatMap(([key, old]) => {
      const now = kept.get(key);
      return now === undefined || (old?.row === undefined && now.row === undefined)
        ? []
        : [{ key, before: old?.row, after: now.row, position: now.position }];
    });

  const settle = (done: Fed) => {
    written = done;
    for (const key of base.keys()) stored?.add(key);
    base.clear();
    for (const [key, { row }] of kept) {
      if (kept.size > cacheRows || row === undefined) kept.delete(key);
    }
  };

  const write = (to: Checkpoint) =>
    db.transaction().execute(async (tx) => {
      await moveCheckpoints(tx, [{ table, from: written.checkpoint, to }]);
      await model.save(tx, table, changes(), false);
      await insertBlocks(tx, table, listOf(folded.blocks));
    });

  /** Goes once more through what isn't written, event by event, to block just what Postgres refuses. */
  const writeCarefully = async (to: Checkpoint) => {
    kept.clear();
    base.clear();
    stored = undefined;
    const source = openLog({ ...persistence, store, after: written.checkpoint?.position, personal: projection.personal });
    try {
      while (written.checkpoint === undefined || written.checkpoint.position < to.position) {
        const task = taskOf(written, (await source.take(to.position)).filter(isItem));
        if (signal.aborted) return;
        if (task !== undefined) written = (await projectBatch(db, task)).fed;
      }
    } finally {
      await source.close();
    }
    folded = written;
  };

  const flush = async () => {
    const { checkpoint: to } = folded;
    if (to === undefined || sameCheckpoint(to, written.checkpoint)) return;
    let refused = false;
    await retrying(`writing ${table}`, persistence, async (again) => {
      if (again && !refused && (await isDone(db, written, to))) return settle(folded);
      if (!refused) {
        try {
          await write(to);
          return settle(folded);
        } catch (error) {
          if (!isDataError(error)) throw error;
          refused = true;
        }
      }
      const now = await readBuild(db, table);
      if (now !== undefined) written = await fedOf(db, model, { ...now, served: false });
      await writeCarefully(to);
    });
  };

  return { written: () => written, fold, unwritten: () => base.size, flush };
};
