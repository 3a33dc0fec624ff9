import { empty } from '../protocol/wire.ts';
import { numbers, streamKey } from './database.ts';
import type { Group } from './group.ts';
import { notify } from './signals.ts';
import { publish } from './store.ts';
import { keepTail } from './tail.ts';

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

/** Writes a group in one transaction and, once it is on disk, makes it visible. On an error nothing of it is written, and the store goes on as before. */
export const commit = async (group: Group): Promise<void> => {
  const { store } = group;
  if (group.end === store.end) return;
  const { db } = store;
  try {
    await db.env.batch(() => {
      for (const entry of group.entries) db.log.put(entry.position, entry.stored);
      for (const gap of group.gaps) db.log.put(gap, empty);
      for (const [name, head] of group.heads) {
        if (head.id >= store.nextStreamId || head.tombstone > 0) db.streams.put(streamKey(name), numbers(head.id, head.tombstone));
      }
      for (const [name, entries] of group.streams) {
        const id = group.heads.get(name)?.id;
        const first = entries[0];
        if (id !== undefined && first) db.index.put([id, first.revision], numbers(...entries.map((e) => e.position)));
      }
      if (group.nextStreamId > store.nextStreamId) db.facts.put('nextStreamId', numbers(group.nextStreamId));
    });
  } catch (error) {
    throw await reasonOf(error);
  }
  keepTail(store, group.entries);
  for (const [name, metadata] of group.metadata) store.metadata.set(name, metadata);
  publish(store, group);
  notify(store.signals, group.heads.keys());
};
