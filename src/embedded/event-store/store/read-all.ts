import { advance, type Store } from './store.ts';
import { tailFrom } from './tail.ts';

/** An event of the log as it is sent. */
export type Stored = { readonly position: number; readonly stored: Buffer };

/** Whether a reader may begin at `position`: where an event is, or was before a scavenge, at the log's end or beyond; but not inside a record. */
export const isPosition = (store: Store, position: number): boolean => {
  if (position === 0 || position >= store.end) return true;
  for (const { key, value } of store.db.log.getRange({ start: position, end: -1, reverse: true, limit: 1 }))
    return key === position || key + advance(value.length) <= position;
  return false;
};

/** About as many bytes of events are in memory at a time for a reader, be they few or many events. */
export const PAGE_BYTES = 2 ** 21;

const firstBytes = (events: readonly Stored[]): readonly Stored[] => {
  let bytes = 0;
  const cut = events.findIndex(({ stored }) => {
    bytes += stored.length;
    return bytes >= PAGE_BYTES;
  });
  return cut < 0 ? events : events.slice(0, cut + 1);
};

/** Up to `limit` events at or after a position. An empty page means the end. */
export const pageForwards = (store: Store, from: number, limit: number): readonly Stored[] => {
  if (from >= store.end) return [];
  const newest = tailFrom(store, from, limit);
  if (newest) return firstBytes(newest);
  const page: Stored[] = [];
  let bytes = 0;
  for (const { key, value } of store.db.log.getRange({ start: from, end: store.end, limit })) {
    page.push({ position: key, stored: value });
    bytes += value.length;
    if (bytes >= PAGE_BYTES) break;
  }
  return page;
};

/** Up to `limit` events before a position, newest first. An empty page means the beginning. */
export const pageBackwards = (store: Store, before: number, limit: number): readonly Stored[] => {
  const page: Stored[] = [];
  if (before <= 0) return page;
  let bytes = 0;
  for (const { key, value } of store.db.log.getRange({ start: Math.min(before, store.end), end: -1, reverse: true, limit: limit + 1 })) {
    if (key < before) page.push({ position: key, stored: value });
    bytes += value.length;
    if (page.length === limit || (page.length > 0 && bytes >= PAGE_BYTES)) break;
  }
  return page;
};
