import type { Entry, Store } from './store.ts';

const kept = 4096;

/** Keeps the newest events in memory, where live subscriptions read them. */
export const keepTail = (store: Store, entries: readonly Entry[]): void => {
  for (const entry of entries) store.tail.push(entry);
  if (store.tail.length > 2 * kept) store.tail.splice(0, store.tail.length - kept);
};

/** The kept events at or after a position; undefined if that lies before them. */
export const tailFrom = (store: Store, position: number, limit: number): readonly Entry[] | undefined => {
  const first = store.tail[0];
  if (!first || position < first.position) return undefined;
  let low = 0;
  let high = store.tail.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((store.tail[middle]?.position ?? Number.POSITIVE_INFINITY) < position) low = middle + 1;
    else high = middle;
  }
  return store.tail.slice(low, low + limit);
};
