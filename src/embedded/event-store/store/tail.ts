import type { Entry, Store } from './store.ts';

const mostEvents = 8192;
const mostBytes = 32 * 2 ** 20;

/** Keeps the newest events in memory, where live subscriptions read them: so many, and of so many bytes. */
export const keepTail = (store: Store, entries: readonly Entry[]): void => {
  for (const entry of entries) {
    store.tail.push(entry);
    store.tailBytes += entry.stored.length;
  }
  store.tailStart ??= entries[0]?.position;
  if (store.tail.length <= mostEvents && store.tailBytes <= mostBytes) return;
  let dropped = 0;
  while (dropped < store.tail.length && (store.tail.length - dropped > mostEvents / 2 || store.tailBytes > mostBytes / 2)) {
    store.tailBytes -= store.tail[dropped]?.stored.length ?? 0;
    dropped++;
  }
  store.tail.splice(0, dropped);
  store.tailStart = store.tail[0]?.position;
};

/** Drops what a scavenge has taken out. */
export const forget = (store: Store, positions: ReadonlySet<number>): void => {
  const left = store.tail.filter((e) => !positions.has(e.position));
  store.tail.splice(0, store.tail.length, ...left);
  store.tailBytes = left.reduce((sum, e) => sum + e.stored.length, 0);
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
