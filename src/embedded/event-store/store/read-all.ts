import type { Store } from './store.ts';
import { tailFrom } from './tail.ts';

/** An event of the log as it is sent. */
export type Stored = { readonly position: number; readonly stored: Buffer };

/** Whether a reader may begin at `position`: there is, or was, an event, or the end of the log or beyond. */
export const isPosition = (store: Store, position: number): boolean =>
  position === 0 || position >= store.end || store.db.log.doesExist(position);

/** Up to `limit` events at or after a position. An empty page means the end. */
export const pageForwards = (store: Store, from: number, limit: number): readonly Stored[] => {
  if (from >= store.end) return [];
  const newest = tailFrom(store, from, limit);
  if (newest) return newest;
  const page: Stored[] = [];
  for (const { key, value } of store.db.log.getRange({ start: from, end: store.end })) {
    if (value.length > 0) page.push({ position: key, stored: value });
    if (page.length === limit) break;
  }
  return page;
};

/** Up to `limit` events before a position, newest first. An empty page means the beginning. */
export const pageBackwards = (store: Store, before: number, limit: number): readonly Stored[] => {
  const page: Stored[] = [];
  if (before <= 0) return page;
  for (const { key, value } of store.db.log.getRange({ start: Math.min(before, store.end), end: -1, reverse: true })) {
    if (value.length > 0 && key < before) page.push({ position: key, stored: value });
    if (page.length === limit) break;
  }
  return page;
};
