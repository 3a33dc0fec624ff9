import type { EventStore } from '../../eventstore/event-store.ts';
import { checkpointAfter, type Fed, freshOf, type Item, isDone, projectBatch, taskOf } from './batch.ts';
import { type Block, blockOfFailure, blocksOf, insertBlocks, listOf, plan, reportBlocks } from './blocks.ts';
import { type Checkpoint, moveCheckpoints, readBuild, sameCheckpoint } from './builds.ts';
import { type Database, isDataError } from './database.ts';
import { isItem, openLog } from './log-source.ts';
import { fedOf } from './prepare.ts';
import { applyBatch, type Kept, type Work } from './projection.ts';
import { type Persistence, retrying } from './retrying.ts';
import type { Change } from './rows.ts';
import { seenKeys } from './seen-keys.ts';

/** A build that is folded in memory and written in large pieces. Its checkpoint moves only when all that was folded is written. */
export type Bulk = {
  /** The build as its table has it. */
  readonly written: () => Fed;
  /** Folds what comes next in the log, personal fields as the projection wants them. */
  readonly fold: (items: readonly Item[]) => Promise<void>;
  /** Writes what was folded. Folding may go on meanwhile; a second flush waits for the first. */
  readonly flush: () => Promise<void>;
  /** Writes everything; nothing may be folded meanwhile. */
  readonly flushAll: () => Promise<void>;
  /** Rows that are folded, and that no flush has taken up yet. */
  readonly unwritten: () => number;
};

export type BulkOptions = Persistence & {
  readonly db: Database;
  readonly store: Pick<EventStore, 'follow'>;
  /** Rows that stay in memory after a flush, at most. */
  readonly cacheRows: number;
};

/** Goes on with a build from where its table is. The latest rows stay in memory, so that most need never be read back. */
export const bulkFold = (options: BulkOptions, begun: Fed): Bulk => {
  const { db, store, signal, log, cacheRows } = options;
  const { model, table } = begun;
  const { projection } = model;
  const persistence = { signal, log };
  const kept = new Map<string, Kept>();
  let base = new Map<string, Kept | undefined>(); // the changed rows, as the table has them, or will once the running flush is done
  let written = begun;
  let folded = begun;
  let evicted = begun.checkpoint === undefined ? seenKeys() : undefined; // keys that the table has and memory hasn't; undefined: any may be
  let isRefused = false; // Postgres refuses some row of the last flush
  let isWriting = false; // what the running flush writes has left `base`, and the table doesn't have it yet
  let isFlushed = false; // since rows were evicted last
  let loaded = 0; // since then
  let writing: Promise<void> = Promise.resolve();

  const load = async (work: readonly Work[]) => {
    if (evicted?.isEmpty() === true) return;
    const wanted = new Set<string>();
    for (const { keys } of work) for (const key of keys) if (!kept.has(key) && (evicted?.mayHave(key) ?? true)) wanted.add(key);
    if (wanted.size === 0) return;
    const found = await retrying(`reading ${table}`, persistence, () => model.load(db, table, [...wanted]));
    for (const [key, row] of found) kept.set(key, row);
    loaded += found.size;
  };

  const fold = async (items: readonly Item[]) => {
    if (isRefused) await writeCarefully();
    const fresh = freshOf(folded, items);
    const checkpoint = checkpointAfter(fresh);
    if (checkpoint === undefined) return;
    const { work, added } = plan(projection, folded.blocks, fresh);
    await load(work);
    const { changed, failures } = applyBatch(projection, kept, work);
    for (const [key, row] of changed) {
      if (!base.has(key)) base.set(key, kept.get(key));
      kept.set(key, row);
    }
    const blocks = [...added, ...failures.map(blockOfFailure)];
    reportBlocks(log, table, blocks);
    folded = { ...folded, checkpoint, blocks: blocks.length === 0 ? folded.blocks : blocksOf([...blocks, ...listOf(folded.blocks)]) };
    if (!isWriting && (isFlushed || loaded > cacheRows / 2)) evict(); // here alone: what a batch is folded over stays until it is
  };

  const takeChanges = (): Change[] => {
    const taken = [...base].flatMap(([key, old]) => {
      const now = kept.get(key);
      return now === undefined || (old?.row === undefined && now.row === undefined)
        ? []
        : [{ key, before: old?.row, after: now.row, position: now.position }];
    });
    base = new Map();
    return taken;
  };

  const evict = () => {
    for (const [key, { row }] of kept) {
      if (base.has(key) || (row !== undefined && kept.size <= cacheRows)) continue;
      kept.delete(key); // those that came first are likeliest to be finished
      if (row !== undefined) evicted?.add(key);
    }
    isFlushed = false;
    loaded = 0;
  };

  const write = (to: Checkpoint, changes: readonly Change[], blocks: readonly Block[]) =>
    db.transaction().execute(async (tx) => {
      await moveCheckpoints(tx, [{ table, from: written.checkpoint, to }]);
      await model.save(tx, table, changes, false);
      await insertBlocks(tx, table, blocks);
    });

  /** Goes once more through all that isn't written, event by event, to block just what Postgres refuses. */
  const writeCarefully = async () => {
    const to = folded.checkpoint?.position ?? 0n;
    await retrying(`writing ${table}`, persistence, async () => {
      const now = await readBuild(db, table);
      if (now !== undefined) written = await fedOf(db, model, { ...now, served: false });
      const source = openLog({ ...persistence, store, after: written.checkpoint?.position, personal: projection.personal });
      try {
        while (written.checkpoint === undefined || written.checkpoint.position < to) {
          const task = taskOf(written, (await source.take(to)).filter(isItem));
          signal.throwIfAborted();
          if (task !== undefined) written = (await projectBatch(db, task)).fed;
        }
      } finally {
        await source.close();
      }
    });
    kept.clear();
    base = new Map();
    evicted = undefined;
    folded = written;
    isRefused = false;
  };

  const writeOut = async () => {
    const now = folded;
    const { checkpoint: to } = now;
    if (isRefused || to === undefined || sameCheckpoint(to, written.checkpoint)) return;
    const changes = takeChanges();
    isWriting = true;
    await retrying(`writing ${table}`, persistence, async (again) => {
      if (again && (await isDone(db, written, to))) return;
      await write(to, changes, listOf(now.blocks)).catch((error) => {
        if (!isDataError(error)) throw error;
        isRefused = true;
      });
    });
    isWriting = false;
    if (isRefused) return;
    written = now;
    isFlushed = true;
  };

  const flush = (): Promise<void> => {
    const done = writing.then(writeOut);
    writing = done;
    done.catch(() => undefined); // whoever awaits this flush or a later one hears of it
    return done;
  };

  const flushAll = async () => {
    await flush();
    if (isRefused) await writeCarefully();
  };

  return { written: () => written, fold, unwritten: () => base.size, flush, flushAll };
};
