import { setImmediate } from 'node:timers/promises';
import { parseRecorded } from '../protocol/recorded-event.ts';
import { LAST_REVISION } from '../protocol/wire.ts';
import { numbers, streamOfRow } from './database.ts';
import { endOfBlock, withoutGone } from './filter-block.ts';
import { currentHead, currentMetadata, type Group } from './group.ts';
import { metastreamMetadata, visibleFrom } from './metadata.ts';
import { entryAt, headOf, type Store } from './store.ts';
import { isMetastream, originalOf } from './system-streams.ts';
import type { Writer } from './writer.ts';

/** What a scavenge took out. */
export type Scavenged = { readonly streams: number; readonly events: number };

const eventsAtATime = 4096;
const rowsAtATime = 4096;
const blocksAtATime = 8;

const inGroup = <Result>(writer: Writer, decide: (group: Group) => Result): Promise<Result> =>
  new Promise((resolve, reject) => writer.enqueue({ decide, answer: resolve, fail: reject }));

const expired = (store: Store, position: number, created: number): boolean => {
  const entry = entryAt(store, position);
  return entry === undefined || Number(parseRecorded(entry.stored).created) / 10_000 < created;
};

/**
 * Takes out up to about `eventsAtATime` events of a stream that no reader sees any more; answers how many there were.
 * The last row of the index stays, though without positions, because it says what revision comes next.
 */
const scavengeStream = (group: Group, stream: string): number => {
  const { store } = group;
  if (group.streams.has(stream)) return 0; // in the middle of an append: next time
  const { id, last } = headOf(store, stream);
  if (id === 0) return 0;
  const gone = currentHead(group, stream).last === LAST_REVISION;
  const metadata = isMetastream(stream) ? metastreamMetadata : currentMetadata(group, stream);
  const { revision: first, created } = visibleFrom(metadata, last, group.created);
  if (!gone && first <= 0 && created <= 0) return 0;
  let events = 0;
  for (const { key, value } of store.db.index.getRange({ start: [id, 0], end: [id, Number.MAX_SAFE_INTEGER] })) {
    const revision = key[1] ?? 0;
    const left: number[] = [];
    const removed: number[] = [];
    let empty = true;
    for (let i = 0; i * 8 < value.length; i++) {
      const position = value.readDoubleLE(i * 8);
      const hidden = gone || revision + i < first || (created > 0 && empty && expired(store, position, created));
      if (hidden && position > 0) removed.push(position);
      if (!hidden) empty = false;
      left.push(hidden ? 0 : position);
    }
    const isLast = revision + left.length - 1 >= last;
    if (removed.length > 0 || (empty && !isLast)) {
      for (const position of removed) group.removals.push({ kind: 'event', position });
      group.removals.push({ kind: 'index', key: [id, revision], value: empty && !isLast ? undefined : numbers(left) });
      events += removed.length;
    }
    if (!empty || events >= eventsAtATime) break;
  }
  return events;
};

/** Streams from which a scavenge may take: those with metadata, the metastreams themselves, and the tombstoned. */
const candidates = async (store: Store): Promise<Set<string>> => {
  const names = new Set<string>();
  let from = '';
  for (;;) {
    let rows = 0;
    for (const { key, value } of store.db.streams.getRange({ start: from, limit: rowsAtATime + 1 })) {
      if (key === from) continue;
      const name = streamOfRow(key, value);
      if (isMetastream(name)) names.add(name).add(originalOf(name));
      if (value.readDoubleLE(8) > 0) names.add(name);
      from = key;
      rows++;
    }
    if (rows === 0) return names;
    await setImmediate();
  }
};

const scavengeStreams = async (store: Store, writer: Writer): Promise<Scavenged> => {
  const names = [...(await candidates(store))];
  const touched = new Set<string>();
  let events = 0;
  while (names.length > 0) {
    events += await inGroup(writer, (group) => {
      let removed = 0;
      for (let looked = 0; names.length > 0 && removed < eventsAtATime && looked < 256; looked++) {
        const name = names.at(-1) ?? '';
        const some = scavengeStream(group, name);
        if (some > 0) touched.add(name);
        if (some < eventsAtATime) names.pop();
        removed += some;
      }
      return removed;
    });
    await setImmediate();
  }
  return { streams: touched.size, events };
};

/** Takes what is gone out of the filter index, a few blocks at a time. */
const scavengeBlocks = async (store: Store, writer: Writer): Promise<void> => {
  let from = -1;
  for (let more = true; more; ) {
    more = await inGroup(writer, (group) => {
      let blocks = 0;
      for (const { key, value } of store.db.blocks.getRange({ start: from, limit: blocksAtATime + 1 })) {
        if (key === from) continue;
        const there = new Set(store.db.log.getKeys({ start: key, end: endOfBlock(value) }));
        const rewritten = withoutGone(value, (position) => !there.has(position));
        if (rewritten) group.removals.push({ kind: 'block', first: key, value: rewritten });
        from = key;
        blocks++;
      }
      return blocks > 0;
    });
    await setImmediate();
  }
};

/**
 * Takes out, for good, what no reader of a stream sees any more: events of deleted and tombstoned streams, what metadata hides, old metadata.
 * Small steps in the queue of appends, so that the store goes on serving. A position that an event had stays one to read or subscribe from.
 * The file doesn't shrink: its free pages are what is written next.
 */
export const scavenge = async (store: Store, writer: Writer): Promise<Scavenged> => {
  const scavenged = await scavengeStreams(store, writer);
  if (scavenged.events > 0) await scavengeBlocks(store, writer);
  return scavenged;
};
