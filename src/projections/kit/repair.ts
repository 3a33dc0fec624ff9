import type { EventStore } from '../../eventstore/event-store.ts';
import type { Fed } from './batch.ts';
import { type Block, type Blocks, blockOfFailure, blocksOf, deleteBlocks, insertBlocks, listOf, plan, readBlocks } from './blocks.ts';
import { type Database, isDataError } from './database.ts';
import type { Live } from './live.ts';
import { isItem, type LogSource, openLog } from './log-source.ts';
import { withoutPersonal } from './personal.ts';
import { applyBatch, type Kept, type Projection } from './projection.ts';
import type { Persistence } from './retrying.ts';
import type { Change } from './rows.ts';

export type RepairOptions = Persistence & {
  readonly db: Database;
  readonly store: Pick<EventStore, 'follow' | 'readStream'>;
  readonly live: Live;
};

/** `repaired`: how many keys and streams go on; `blocked`: how many still wait, because their events still can't be read or folded. */
export type Repaired = { readonly name: string; readonly repaired: number; readonly blocked: number };

/** The keys that a blocked stream's events concern from the block on; none while they still can't be read. */
const keysBehind = async (store: RepairOptions['store'], projection: Projection, { id, position }: Block): Promise<string[]> => {
  const keys: string[] = [];
  try {
    for await (const event of store.readStream(id, { personal: projection.personal }))
      if (event.position >= position) keys.push(...projection.keysOf(projection.personal ? event : withoutPersonal(event)));
    return keys;
  } catch {
    return [];
  }
};

/** Folds some keys of a projection alone, from the log's beginning. What still can't be read or folded blocks as ever. */
const refold = (projection: Projection, wanted: ReadonlySet<string>, source: LogSource) => {
  const rows = new Map<string, Kept>();
  let blocks: Blocks = blocksOf([]);
  let position: bigint | undefined;
  const foldTo = async (limit: bigint, signal: AbortSignal) => {
    while (position === undefined || position < limit) {
      const items = (await source.take(limit)).filter(isItem);
      signal.throwIfAborted();
      const seen = items.map((item) =>
        item.kind === 'event' && !projection.personal ? { ...item, event: withoutPersonal(item.event) } : item,
      );
      const { work, added } = plan(projection, blocks, seen);
      const own = work.map(({ event, keys }) => ({ event, keys: keys.filter((key) => wanted.has(key)) }));
      const { changed, failures } = applyBatch(projection, rows, own);
      for (const [key, row] of changed) rows.set(key, row);
      const more = [...added, ...failures.map(blockOfFailure)];
      if (more.length > 0) blocks = blocksOf([...more, ...listOf(blocks)]);
      const last = items.at(-1);
      if (last !== undefined) position = last.kind === 'event' ? last.event.position : last.position;
    }
  };
  return { foldTo, rows: () => rows, blocks: () => blocks };
};

/** What the refolded rows change; a key that Postgres can't store can't have a row. */
const changesOf = async (
  db: Database,
  { model, table }: Fed,
  wanted: ReadonlySet<string>,
  rows: ReadonlyMap<string, Kept>,
): Promise<Change[]> => {
  const keys = [...wanted].filter((key) => !key.includes('\0'));
  const now = await model.load(db, table, keys);
  return keys.flatMap((key): Change[] => {
    const row = rows.get(key);
    const old = now.get(key);
    const position = row?.position ?? old?.position;
    return position === undefined ? [] : [{ key, before: old?.row, after: row?.row, position }];
  });
};

/** Keys whose rows Postgres still refuses, found in transactions that leave nothing behind. */
const refusedOf = async (db: Database, { model, table, served }: Fed, changes: readonly Change[]): Promise<Set<string>> => {
  const refused = new Set<string>();
  const undone = new Error('undone on purpose');
  for (const change of changes)
    await db
      .transaction()
      .execute(async (tx) => {
        await model.save(tx, table, [change], served);
        throw undone;
      })
      .catch((error: unknown) => {
        if (isDataError(error)) refused.add(change.key);
        else if (error !== undone) throw error;
      });
  return refused;
};

/**
 * Tries again what is blocked in one read model, such as after code was mended: the blocked keys are folded alone, from the log's
 * beginning, while everything else goes on, and take the place of their rows in one transaction. What still fails stays blocked.
 */
export const repair = async ({ db, store, live, signal, log }: RepairOptions, name: string): Promise<Repaired> => {
  const fedNow = () => live.fed().find(({ model }) => model.projection.name === name);
  const before = fedNow();
  const blocked = before === undefined ? [] : listOf(before.blocks);
  if (before === undefined || blocked.length === 0) return { name, repaired: 0, blocked: 0 };
  const { projection } = before.model;

  const wanted = new Set<string>();
  for (const block of blocked) {
    const keys = block.scope === 'key' ? [block.id] : await keysBehind(store, projection, block);
    for (const key of keys) wanted.add(key);
  }

  const source = openLog({ signal, log, store, after: undefined, personal: projection.personal });
  const again = refold(projection, wanted, source);
  let after: Fed = before;
  try {
    const soFar = before.checkpoint?.position;
    if (soFar !== undefined) await again.foldTo(soFar, signal);
    await live.change(async (fed) => {
      const own = fedNow();
      const position = own?.checkpoint?.position;
      if (own === undefined || own.table !== before.table || position === undefined) return fed;
      await again.foldTo(position, signal);
      const changes = await changesOf(db, own, wanted, again.rows());
      const refused = await refusedOf(db, own, changes);
      const kept = new Map([...own.blocks.keys].filter(([key]) => !wanted.has(key) || refused.has(key)));
      const { keys, streams } = again.blocks();
      await db.transaction().execute(async (tx) => {
        const { model, table, served } = own;
        const taken = changes.filter(({ key }) => !refused.has(key));
        await model.save(tx, table, taken, served);
        await deleteBlocks(tx, table);
        await insertBlocks(tx, table, listOf({ keys: new Map([...keys, ...kept]), streams }));
      });
      after = { ...own, blocks: blocksOf(await readBlocks(db, own.table)) };
      own.model.swapped?.();
      return fed.map((one) => (one === own ? after : one));
    });
  } finally {
    await source.close();
  }
  const left = listOf(after.blocks).length;
  return { name, repaired: blocked.length - Math.min(left, blocked.length), blocked: left };
};
