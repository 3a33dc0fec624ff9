import type { Wanted } from './filter.ts';
import { pageForwards, type Stored } from './read-all.ts';
import { entryOf, LOG_START, type Store } from './store.ts';

/** A look at some events of the log through a filter. */
export type Considered = {
  /** Events looked at, wanted or not. */
  readonly count: number;
  readonly wanted: readonly Stored[];
  /** The position of the first event looked at. */
  readonly first: number;
  /** The position of the last one. */
  readonly last: number;
  /** Where the next look begins. */
  readonly next: number;
  /** Whether there is nothing behind it yet. */
  readonly end: boolean;
};

/** Looks at up to `window` events from a position on, and stops early at `limit` wanted ones. From 0 on it counts the record that a real log begins with. */
export const consider = (store: Store, wanted: Wanted, from: number, window: number, limit: number): Considered => {
  let count = from < LOG_START ? 1 : 0;
  const found: Stored[] = [];
  let next = from;
  let first = from;
  let isFirst = true;
  while (count < window && found.length < limit) {
    const page = pageForwards(store, next, Math.min(window - count, 1024));
    if (page.length === 0) return { count, wanted: found, first, last: next - 1, next, end: true };
    for (const event of page) {
      if (isFirst) first = event.position;
      isFirst = false;
      count++;
      next = event.position + 1;
      const { type, stream } = 'type' in event ? (event as ReturnType<typeof entryOf>) : entryOf(event.position, event.stored);
      if (wanted(type, stream)) found.push(event);
      if (found.length === limit) break;
    }
  }
  return { count, wanted: found, first, last: next - 1, next, end: next >= store.end };
};
