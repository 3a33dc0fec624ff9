import type { Entry, Store } from './store.ts';

const kept = 4096;

/** Keeps the newest events in memory, where live subscriptions read them. */
export const keepTail = (store: Store, entries: readonly Entry[]): void => {
  for (const entry of entries) store.tail.push(entry);
  store.tailStart ??= entries[0]?.position;
  if (store.tail.length <= 2 * kept) return;
  store.tail.splice(0, store.tail.length - kept);
  store.tailStart = store.tail[0]?.position;
};

/** Drops what a scavenge has taken out. */
export const forget = (store: Store, positions: ReadonlySet<number>): void => {
  const left = store.tail.filter((e) => !positions.has(e.position));
  store.tail.splice(0, store.tail.length, ...left);
  const { end, marks } = store.filterIndex;
  store.filterIndex = { end, marks: marks.filter((m) => !positions.has(m.position)) };
};

/** The kept events at or after a position; undefined if that lies before them. */
export const tailFrom = (store: Store, position: number, limit: number): readonly Entry[] | undefined => {
  if (store.tailStart === undefined || position < store.tailStart) return undefined;
  let low = 0;
  let high = store.tail.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((store.tail[middle]?.position ?? Number.POSITIVE_INFINITY) < position) low = middle + 1;
    else high = middle;
  }
  return store.tail.slice(low, low + limit);
};
