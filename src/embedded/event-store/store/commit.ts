import { needRoom } from '../../disk-room.ts';
import { numbers, streamKey, streamRow } from './database.ts';
import { extendIndex } from './filter-index.ts';
import type { Group, Removal } from './group.ts';
import { notify } from './signals.ts';
import { keepSpareTail } from './spare-tail.ts';
import { advance, publish, type Store } from './store.ts';
import { forget, keepTail } from './tail.ts';

/** LMDB names its real reason in a promise of its own, which must not go unhandled. */
const reasonOf = async (error: unknown): Promise<unknown> => {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (reason) {
    return reason;
  }
};

const remove = ({ db }: Store, removal: Removal): void => {
  if (removal.kind === 'event') db.log.remove(removal.position);
  else if (removal.kind === 'block') db.blocks.put(removal.first, removal.value);
  else if (removal.value) db.index.put(removal.key, removal.value);
  else db.index.remove(removal.key);
};

const PAGE = 4096;
/** An event and its place in a stream and in the indexes, each of which may copy a page of its own. */
const PAGES_OF_EVENT = 3;
/** The upper levels of the trees, and the list of free pages. */
const PAGES_OF_COMMIT = 16;
const bytesOf = ({ entries, removals }: Group): number =>
  entries.reduce((sum, { stored }) => sum + stored.length + PAGES_OF_EVENT * PAGE, (removals.length + PAGES_OF_COMMIT) * PAGE);

const endsWithEvent = ({ entries, removals, end }: Group): boolean => {
  const last = entries.at(-1);
  return removals.length === 0 && last !== undefined && last.position + advance(last.stored.length) === end;
};

/** Writes a group in one transaction and, once it is on disk, makes it visible. On an error nothing of it is written, and the store goes on as before. */
export const commit = async (group: Group): Promise<void> => {
  const { store } = group;
  if (group.end === store.end && group.removals.length === 0) return;
  const { db } = store;
  const bytes = bytesOf(group);
  needRoom(db.dir, bytes);
  const { index, blocks } = extendIndex(store.filterIndex, group.entries, group.end);
  try {
    await db.env.batch(() => {
      for (const entry of group.entries) db.log.put(entry.position, entry.stored);
      for (const [name, head] of group.heads) {
        if (head.id >= store.nextStreamId || head.tombstone > 0) db.streams.put(streamKey(name), streamRow(name, head.id, head.tombstone));
      }
      for (const [name, entries] of group.streams) {
        const id = group.heads.get(name)?.id;
        const first = entries[0];
        if (id !== undefined && first) db.index.put([id, first.revision], numbers(entries.map((e) => e.position)));
      }
      for (const { first, value } of blocks) db.blocks.put(first, value);
      if (group.nextStreamId > store.nextStreamId) db.facts.put('nextStreamId', numbers([group.nextStreamId]));
      for (const removal of group.removals) remove(store, removal);
      // the last record may be a gap, or be scavenged one day: then the log alone no longer says where it ends
      if (!endsWithEvent(group)) db.facts.put('end', numbers([group.end]));
    });
  } catch (error) {
    throw await reasonOf(error);
  }
  keepSpareTail(db, bytes);
  store.filterIndex = index;
  keepTail(store, group.entries);
  if (group.removals.length > 0) forget(store, new Set(group.removals.map((r) => (r.kind === 'event' ? r.position : 0))));
  publish(store, group);
  notify(store.signals, group.heads.keys());
};
