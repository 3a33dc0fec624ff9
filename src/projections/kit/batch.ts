import type { Feed } from '../../eventstore/event-store.ts';
import { type Block, type Blocks, blockOfFailure, blocksOf, insertBlocks, listOf, type Planned, plan } from './blocks.ts';
import { type Checkpoint, moveCheckpoints, readBuild, sameCheckpoint } from './builds.ts';
import { type Database, isDataError, type Session, together } from './database.ts';
import type { Model } from './model.ts';
import { applyBatch, type Event, type Kept, type Work } from './projection.ts';
import type { Change } from './rows.ts';

export type Item = Exclude<Feed, { kind: 'caught-up' }>;

export const positionOf = (item: Item): bigint => (item.kind === 'event' ? item.event.position : item.position);
const idOf = (item: Item): string | null => (item.kind === 'event' ? item.event.id : 'id' in item ? item.id : null);

/** A build that the engine feeds: what its table has folded, and what is blocked. */
export type Fed = {
  readonly model: Model;
  readonly table: string;
  readonly served: boolean;
  readonly checkpoint: Checkpoint | undefined;
  readonly blocks: Blocks;
};

/** The items that a build hasn't met yet. */
export const freshOf = ({ checkpoint }: Pick<Fed, 'checkpoint'>, items: readonly Item[]): readonly Item[] => {
  const first = items[0];
  if (checkpoint === undefined || first === undefined || positionOf(first) > checkpoint.position) return items;
  return items.filter((item) => positionOf(item) > checkpoint.position);
};

export const checkpointAfter = (items: readonly Item[]): Checkpoint | undefined => {
  const last = items.at(-1);
  return last === undefined ? undefined : { position: positionOf(last), eventId: idOf(last) };
};

const changesOf = (kept: ReadonlyMap<string, Kept>, changed: ReadonlyMap<string, Kept>): Change[] =>
  [...changed].map(([key, { row, position }]) => ({ key, before: kept.get(key)?.row, after: row, position }));

const keysOf = (work: readonly Work[]): string[] => [...new Set(work.flatMap(({ keys }) => keys))];

export type Folded = { readonly changes: readonly Change[]; readonly added: readonly Block[] };

/** Loads the touched rows, folds the work over them, and writes what changed. */
export const foldInto = async (session: Session, { model, table, served }: Fed, work: readonly Work[]): Promise<Folded> => {
  const kept = await model.load(session, table, keysOf(work));
  const { changed, failures } = applyBatch(model.projection, kept, work);
  const changes = changesOf(kept, changed);
  if (changes.length > 0) await model.save(session, table, changes, served);
  return { changes, added: failures.map(blockOfFailure) };
};

const only = (work: readonly Work[], wanted: (key: string, event: Event) => boolean): Work[] =>
  work.map(({ event, keys }) => ({ event, keys: keys.filter((key) => wanted(key, event)) }));

/** Whether Postgres takes the rows that the work gives, found in a transaction that leaves nothing behind. */
const isTaken = async (db: Database, fed: Fed, work: readonly Work[]): Promise<boolean> => {
  const undone = new Error('undone on purpose');
  const error = await db
    .transaction()
    .execute(async (tx) => {
      await foldInto(tx, fed, work);
      throw undone;
    })
    .catch((thrown: unknown) => thrown);
  if (error !== undone && !isDataError(error)) throw error;
  return error === undone;
};

/** The first event of each key whose row Postgres refuses, found by halving. */
const refusedEvents = async (db: Database, fed: Fed, work: readonly Work[], keys: readonly string[]): Promise<Map<string, Event>> => {
  const [key] = keys;
  const concerned = new Set(keys);
  const own = only(work, (each) => concerned.has(each)).filter((each) => each.keys.length > 0);
  if (key === undefined || (await isTaken(db, fed, own))) return new Map();
  if (keys.length > 1) {
    const half = Math.ceil(keys.length / 2);
    const [some, others] = [keys.slice(0, half), keys.slice(half)];
    return new Map([...(await refusedEvents(db, fed, work, some)), ...(await refusedEvents(db, fed, work, others))]);
  }
  let taken = 0;
  while (taken < own.length && (await isTaken(db, fed, own.slice(0, taken + 1)))) taken++;
  const first = own[taken]?.event;
  return new Map(first === undefined ? [] : [[key, first]]);
};

/** What a batch asks of a build: its plan, and the checkpoint after it. */
export type Task = { readonly fed: Fed; readonly planned: Planned; readonly to: Checkpoint };

export const taskOf = (fed: Fed, items: readonly Item[]): Task | undefined => {
  const fresh = freshOf(fed, items);
  const to = checkpointAfter(fresh);
  return to === undefined ? undefined : { fed, to, planned: plan(fed.model.projection, fed.blocks, fresh) };
};

export type Projected = { readonly fed: Fed } & Folded;

const writeOne = async (session: Session, { fed, to, planned }: Task): Promise<Projected> => {
  const { changes, added } = await foldInto(session, fed, planned.work);
  const all = [...planned.added, ...added];
  await insertBlocks(session, fed.table, all);
  const blocks = all.length === 0 ? fed.blocks : blocksOf([...all, ...listOf(fed.blocks)]);
  return { fed: { ...fed, checkpoint: to, blocks }, changes, added: all };
};

const inTransaction = <T>(db: Database, tasks: readonly Task[], write: (session: Session) => Promise<T>): Promise<T> =>
  db.transaction().execute(async (tx) => {
    const moves = tasks.map(({ fed: { table, checkpoint: from }, to }) => ({ table, from, to }));
    const moving = moveCheckpoints(tx, moves);
    const writing = write(tx);
    await Promise.allSettled([moving, writing]); // no statement may come after the transaction's end
    await moving;
    return writing;
  });

/**
 * Projects one batch into builds, in one transaction, and answers them as they stand after. A build that the batch doesn't concern costs
 * no statement of its own. Throws what Postgres throws, with nothing changed; the same batch may then be projected again.
 */
export const projectTogether = (db: Database, tasks: readonly Task[]): Promise<Projected[]> =>
  inTransaction(db, tasks, (tx) => together(tasks.map((task) => writeOne(tx, task))));

const projectOnly = (db: Database, task: Task): Promise<Projected> => inTransaction(db, [task], (tx) => writeOne(tx, task));

const projectWithoutRefused = async (db: Database, task: Task): Promise<Projected> => {
  const { work, added } = task.planned;
  const refused = await refusedEvents(db, task.fed, work, keysOf(work));
  const error = new Error('Postgres refuses its row');
  const blocks = [...refused].map(([key, event]) => blockOfFailure({ key, event, error }));
  const good = only(work, (key, { position }) => position < (refused.get(key)?.position ?? position + 1n));
  return projectOnly(db, { ...task, planned: { work: good, added: [...added, ...blocks] } });
};

/** Projects one batch into one build; events whose rows Postgres refuses block their keys. */
export const projectBatch = (db: Database, task: Task): Promise<Projected> =>
  projectOnly(db, task).catch((error) => {
    if (!isDataError(error)) throw error;
    return projectWithoutRefused(db, task);
  });

/** True if a transaction whose commit was never answered had moved the checkpoint: the batch is done, and is not to be done again. */
export const isDone = async (session: Session, { table }: Fed, to: Checkpoint): Promise<boolean> =>
  sameCheckpoint((await readBuild(session, table))?.checkpoint, to);
