import { parseRecorded, type Recorded } from '../protocol/recorded-event.ts';
import { LAST_REVISION } from '../protocol/wire.ts';
import { type Db, openDatabase, streamKey } from './database.ts';
import type { Mark } from './filter-block.ts';
import { coveredUntil, type FilterIndex } from './filter-index.ts';
import { noMetadata, parseMetadata, type StreamMetadata } from './metadata.ts';
import { emptyRecentIds, type RecentIds, remember } from './recent-ids.ts';
import { type Signals, signals } from './signals.ts';
import { positionsBetween } from './stream-index.ts';
import { metastreamOf } from './system-streams.ts';

/** What is known of a stream: `last` is −1 without events, Infinity once tombstoned. `id` is 0 while it has no row. */
export type Head = { readonly id: number; readonly last: number; readonly tombstone: number };

/** An event in the log. */
export type Entry = {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly stored: Buffer;
};

/** An open event store. Everything below `end` is durable; readers never look beyond it. */
export type Store = {
  readonly db: Db;
  end: number;
  nextStreamId: number;
  readonly heads: Map<string, Head>;
  readonly metadata: Map<string, StreamMetadata>;
  /** The newest events, all from `tailStart` on. */
  readonly tail: Entry[];
  tailStart: number | undefined;
  tailBytes: number;
  readonly recent: RecentIds;
  filterIndex: FilterIndex;
  readonly signals: Signals;
};

/** The first position of the log. Below it lies what a real log begins with: a record that filters count and no reader sees. */
export const LOG_START = 64;

/** How far the log moves on for one record of that many bytes. */
export const advance = (bytes: number): number => Math.max(bytes, 64);

const headsKept = 65_536;
const recalled = 16_384;
const recalledBytes = 32 * 2 ** 20;

/** Opens the store in `dir`; takes the same time whatever the history's length. */
export const openStore = (dir: string): Store => {
  const db = openDatabase(dir);
  let end = db.facts.get('end')?.readDoubleLE(0) ?? LOG_START;
  const newest: Recorded[] = [];
  let bytes = 0;
  for (const { key, value } of db.log.getRange({ reverse: true, limit: recalled })) {
    end = Math.max(end, key + advance(value.length));
    newest.push(parseRecorded(value));
    bytes += value.length;
    if (bytes >= recalledBytes) break;
  }
  const recent = emptyRecentIds();
  for (const event of newest.reverse()) remember(recent, event.id, event);
  const covered = coveredUntil(db);
  const marks: Mark[] = [];
  for (const { key, value } of db.log.getRange({ start: covered })) {
    const { type, stream } = parseRecorded(value);
    marks.push({ position: key, type, stream });
  }
  const nextStreamId = db.facts.get('nextStreamId')?.readDoubleLE(0) ?? 1;
  return {
    db,
    end,
    nextStreamId,
    heads: new Map(),
    metadata: new Map(),
    tail: [],
    tailStart: undefined,
    tailBytes: 0,
    recent,
    filterIndex: { end: covered, marks },
    signals: signals(),
  };
};

/** The entry for a value of the log. */
export const entryOf = (position: number, stored: Buffer): Entry => {
  const { stream, revision, type } = parseRecorded(stored);
  return { position, stream, revision, type, stored };
};

const keep = <Value>(map: Map<string, Value>, name: string, value: Value): Value => {
  if (map.size >= headsKept) {
    const oldest = map.keys().next();
    if (!oldest.done) map.delete(oldest.value);
  }
  map.set(name, value);
  return value;
};

const unknownStream: Head = { id: 0, last: -1, tombstone: 0 };

/** The durable state of a stream. */
export const headOf = (store: Store, name: string): Head => {
  const known = store.heads.get(name);
  if (known) return known;
  const row = store.db.streams.get(streamKey(name));
  if (!row) return unknownStream;
  const id = row.readDoubleLE(0);
  const tombstone = row.readDoubleLE(8);
  if (tombstone > 0) return keep(store.heads, name, { id, last: LAST_REVISION, tombstone });
  const [newest] = store.db.index.getRange({ start: [id, Number.MAX_SAFE_INTEGER], end: [id, -1], reverse: true, limit: 1 });
  const last = newest ? (newest.key[1] ?? 0) + newest.value.length / 8 - 1 : -1;
  return keep(store.heads, name, { id, last, tombstone });
};

/** The event at a position, undefined where there is none. */
export const entryAt = (store: Store, position: number): Entry | undefined => {
  const stored = store.db.log.get(position);
  return stored && entryOf(position, stored);
};

/** The event of a stream at a revision, whatever its metadata hides; undefined if there is none (any more). */
export const eventOf = (store: Store, head: Head, revision: number): Entry | undefined => {
  for (const found of positionsBetween(store.db, head.id, revision, revision)) return entryAt(store, found.position);
  return undefined;
};

/** The data of the newest event of a stream's metastream, undefined if it has none. */
export const rawMetadata = (store: Store, name: string): Buffer | undefined => {
  const head = headOf(store, metastreamOf(name));
  if (head.last < 0 || head.last === LAST_REVISION) return undefined;
  const newest = eventOf(store, head, head.last);
  return newest && parseRecorded(newest.stored).data;
};

/** The metadata in force for a stream. */
export const metadataOf = (store: Store, name: string): StreamMetadata => {
  const known = store.metadata.get(name);
  if (known) return known;
  const raw = rawMetadata(store, name);
  return keep(store.metadata, name, raw ? parseMetadata(raw) : noMetadata);
};

/** What a commit changes of the store in memory. */
export type Change = {
  readonly end: number;
  readonly nextStreamId: number;
  readonly heads: ReadonlyMap<string, Head>;
  readonly metadata: ReadonlyMap<string, StreamMetadata>;
  readonly entries: readonly Entry[];
  readonly ids: readonly string[];
};

/** Makes a committed change visible to readers. */
export const publish = (store: Store, change: Change): void => {
  store.end = change.end;
  store.nextStreamId = change.nextStreamId;
  for (const [name, head] of change.heads) {
    store.heads.delete(name);
    keep(store.heads, name, head);
  }
  for (const [name, metadata] of change.metadata) keep(store.metadata, name, metadata);
  change.entries.forEach((entry, i) => {
    const id = change.ids[i];
    if (id !== undefined) remember(store.recent, id, entry);
  });
};
