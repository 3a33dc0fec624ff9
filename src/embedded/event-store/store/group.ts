import { randomUUID } from 'node:crypto';
import type { Proposed } from '../protocol/proposed-message.ts';
import { encodeRecorded, parseRecorded } from '../protocol/recorded-event.ts';
import { empty, LAST_REVISION } from '../protocol/wire.ts';
import { parseMetadata, type StreamMetadata } from './metadata.ts';
import { recall, type Written } from './recent-ids.ts';
import { advance, type Entry, eventOf, type Head, headOf, metadataOf, rawMetadata, type Store } from './store.ts';
import { isMetastream, metastreamOf, originalOf, TOMBSTONE_TYPE } from './system-streams.ts';

/** Something that a scavenge takes out, or a row of an index that it rewrites. */
export type Removal =
  | { readonly kind: 'event'; readonly position: number }
  | { readonly kind: 'index'; readonly key: number[]; readonly value: Buffer | undefined }
  | { readonly kind: 'block'; readonly first: number; readonly value: Buffer };

/** What one commit will write: decided on top of the durable state, visible to nobody until it is durable itself. `created` is in milliseconds since 1970. */
export type Group = {
  readonly store: Store;
  readonly created: number;
  end: number;
  nextStreamId: number;
  readonly heads: Map<string, Head>;
  readonly metadata: Map<string, StreamMetadata>;
  readonly entries: Entry[];
  readonly ids: string[];
  readonly written: Map<string, Written>;
  readonly streams: Map<string, Entry[]>;
  readonly removals: Removal[];
};

/** An empty group on top of what is durable. */
export const beginGroup = (store: Store, created: number): Group => ({
  store,
  created,
  end: store.end,
  nextStreamId: store.nextStreamId,
  heads: new Map(),
  metadata: new Map(),
  entries: [],
  ids: [],
  written: new Map(),
  streams: new Map(),
  removals: [],
});

/** The state of a stream with what the group has added. A metastream of a tombstoned stream is tombstoned with it. */
export const currentHead = (group: Group, stream: string): Head => {
  if (isMetastream(stream)) {
    const original = group.heads.get(originalOf(stream)) ?? headOf(group.store, originalOf(stream));
    if (original.last === LAST_REVISION) return original;
  }
  return group.heads.get(stream) ?? headOf(group.store, stream);
};

/** The metadata of a stream with what the group has added. */
export const currentMetadata = (group: Group, stream: string): StreamMetadata =>
  group.metadata.get(stream) ?? metadataOf(group.store, stream);

/** The data of the newest metadata event of a stream with what the group has added. */
export const currentRawMetadata = (group: Group, stream: string): Buffer | undefined => {
  const newest = group.streams.get(metastreamOf(stream))?.at(-1);
  return newest ? parseRecorded(newest.stored).data : rawMetadata(group.store, stream);
};

/** Where an event id was written, in the group or recently. */
export const findId = (group: Group, id: string): Written | undefined => group.written.get(id) ?? recall(group.store.recent, id);

/** The id and position of a stream's event at a revision, with what the group has added. */
export const findRevision = (group: Group, stream: string, head: Head, revision: number): { id: string; position: number } | undefined => {
  const added = group.streams.get(stream);
  const first = added?.[0];
  const entry = first && revision >= first.revision ? added[revision - first.revision] : eventOf(group.store, head, revision);
  return entry && { id: parseRecorded(entry.stored).id, position: entry.position };
};

const record = (group: Group, stream: string, revision: number, event: Proposed): Entry => {
  const type = event.type ?? '';
  const position = group.end;
  const stored = encodeRecorded({
    id: event.id,
    stream,
    revision,
    position,
    type,
    json: event.contentType === 'application/json',
    created: `${group.created}0000`,
    data: event.data,
    metadata: event.metadata,
  });
  const entry: Entry = { position, stream, revision, type, stored };
  group.end += advance(stored.length);
  group.entries.push(entry);
  group.ids.push(event.id);
  group.written.set(event.id, entry);
  return entry;
};

const withId = (group: Group, head: Head): Head => (head.id > 0 ? head : { ...head, id: group.nextStreamId++ });

/** Adds events to the end of a stream. */
export const place = (group: Group, stream: string, events: readonly Proposed[]): void => {
  const head = withId(group, group.heads.get(stream) ?? headOf(group.store, stream));
  const added = group.streams.get(stream) ?? [];
  let last = head.last;
  for (const event of events) added.push(record(group, stream, ++last, event));
  group.streams.set(stream, added);
  group.heads.set(stream, { ...head, last });
  const newest = events.at(-1);
  if (newest && isMetastream(stream)) group.metadata.set(originalOf(stream), parseMetadata(newest.data));
};

/** Ends a stream for good. */
export const placeTombstone = (group: Group, stream: string): number => {
  const head = withId(group, group.heads.get(stream) ?? headOf(group.store, stream));
  const { position } = record(group, stream, LAST_REVISION, {
    id: randomUUID(),
    type: TOMBSTONE_TYPE,
    contentType: undefined,
    data: empty,
    metadata: empty,
  });
  group.heads.set(stream, { ...head, last: LAST_REVISION, tombstone: position });
  return position;
};

/** Takes a position that no event has, for an append of no events. */
export const placeGap = (group: Group): number => {
  const position = group.end;
  group.end += advance(0);
  return position;
};
