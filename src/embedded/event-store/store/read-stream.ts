import { parseRecorded } from '../protocol/recorded-event.ts';
import { LAST_REVISION } from '../protocol/wire.ts';
import { isSoftDeleted, metastreamMetadata, type StreamMetadata, visibleFrom } from './metadata.ts';
import { PAGE_BYTES } from './read-all.ts';
import { type Head, headOf, metadataOf, type Store } from './store.ts';
import { type Placed, positionsBetween, positionsDown } from './stream-index.ts';
import { isMetastream, originalOf } from './system-streams.ts';

/** An event of a stream as it is sent. */
export type StoredOf = { readonly revision: number; readonly position: number; readonly stored: Buffer };

/** What a reader of a stream may know of it. `first` is the oldest revision it may see. */
export type StreamView =
  | { readonly kind: 'missing' }
  | { readonly kind: 'tombstoned'; readonly position: number }
  | { readonly kind: 'open'; readonly head: Head; readonly first: number; readonly created: number };

const metadataFor = (store: Store, stream: string): StreamMetadata =>
  isMetastream(stream) ? metastreamMetadata : metadataOf(store, stream);

/** Looks a stream up for reading. `now` is in milliseconds since 1970. */
export const viewStream = (store: Store, stream: string, now: number): StreamView => {
  const original = isMetastream(stream) ? headOf(store, originalOf(stream)) : undefined;
  const head = original?.last === LAST_REVISION ? original : headOf(store, stream);
  if (head.last === LAST_REVISION) return { kind: 'tombstoned', position: head.tombstone };
  const metadata = metadataFor(store, stream);
  if (head.last < 0 || isSoftDeleted(metadata)) return { kind: 'missing' };
  const { revision, created } = visibleFrom(metadata, head.last, now);
  return { kind: 'open', head, first: revision, created };
};

const read = function* (store: Store, places: Iterable<Placed>, created: number): Generator<StoredOf> {
  for (const { revision, position } of places) {
    const stored = store.db.log.get(position);
    if (!stored) continue;
    if (created > 0 && Number(parseRecorded(stored).created) / 10_000 < created) continue;
    yield { revision, position, stored };
  }
};

const take = (events: Iterable<StoredOf>, limit: number): StoredOf[] => {
  const page: StoredOf[] = [];
  let bytes = 0;
  for (const event of events) {
    page.push(event);
    bytes += event.stored.length;
    if (page.length === limit || bytes >= PAGE_BYTES) break;
  }
  return page;
};

type Open = Extract<StreamView, { kind: 'open' }>;

/** Up to `limit` visible events of a stream from a revision on. */
export const streamForwards = (store: Store, { head, first, created }: Open, from: number, limit: number): StoredOf[] =>
  take(read(store, positionsBetween(store.db, head.id, Math.max(from, first), head.last), created), limit);

/** Up to `limit` visible events of a stream from a revision down. */
export const streamBackwards = (store: Store, { head, first, created }: Open, from: number, limit: number): StoredOf[] =>
  take(read(store, positionsDown(store.db, head.id, Math.min(from, head.last), first), created), limit);
