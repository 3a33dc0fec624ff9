import type { Wanted } from './filter.ts';
import { decodeBlock, type FilterBlock } from './filter-block.ts';
import { PAGE_BYTES, pageForwards, type Stored } from './read-all.ts';
import { type Entry, entryOf, LOG_START, type Store } from './store.ts';

/** A walk through the log with a filter. It keeps the block it is in, with the verdict on each of its events. */
export type Search = { readonly store: Store; readonly wanted: Wanted; block: Judged | undefined };

/** A block with the verdict on each of its events; none are kept when none is wanted. */
export type Judged = {
  readonly first: number;
  readonly end: number;
  readonly positions: Float64Array;
  readonly verdicts: Uint8Array;
  readonly any: boolean;
};

/** A look at some events of the log through a filter. */
export type Considered = {
  /** Events looked at, wanted or not. */
  readonly count: number;
  readonly wanted: readonly Stored[];
  /** The position of the first event looked at, 0 from the start. */
  readonly first: number;
  /** The position of the last one. */
  readonly last: number;
  /** Where the next look begins. */
  readonly next: number;
  /** Whether there is nothing behind it yet. */
  readonly end: boolean;
};

export const beginSearch = (store: Store, wanted: Wanted): Search => ({ store, wanted, block: undefined });

/** Decides on the distinct values of a block. */
export const judge = ({ end, positions, values, indices }: FilterBlock, first: number, { test }: Wanted): Judged => {
  const good = values.map(test);
  const any = good.includes(true);
  return { first, end, positions, verdicts: any ? Uint8Array.from(indices, (i) => (good[i] ? 1 : 0)) : new Uint8Array(0), any };
};

const blockAt = (search: Search, from: number): Judged | undefined => {
  const { store, wanted, block } = search;
  if (block && from >= block.first && from < block.end) return block;
  if (from >= store.filterIndex.end) return undefined;
  const { blocks } = store.db;
  const candidates = [blocks.getRange({ start: from, end: -1, reverse: true, limit: 1 }), blocks.getRange({ start: from, limit: 1 })];
  for (const range of candidates) {
    for (const { key, value } of range) {
      const found = decodeBlock(value, wanted.on);
      if (from < found.end) {
        search.block = judge(found, key, wanted);
        return search.block;
      }
    }
  }
  return undefined;
};

/** The index of the first of ascending positions that is not below one. */
export const firstAtOrAfter = (positions: Float64Array, position: number): number => {
  let low = 0;
  let high = positions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((positions[middle] ?? 0) < position) low = middle + 1;
    else high = middle;
  }
  return low;
};

const hasMark = (event: Stored): event is Entry => 'type' in event;

/** Looks at up to `window` events from a position on, and stops early at `limit` wanted ones. From 0 on it counts the record that a real log begins with. */
export const consider = (search: Search, from: number, window: number, limit: number): Considered => {
  const { store, wanted } = search;
  const found: Stored[] = [];
  let count = from < LOG_START ? 1 : 0;
  let next = from;
  let first = from < LOG_START ? 0 : -1;
  let last = from;
  const see = (position: number): void => {
    if (first < 0) first = position;
    last = position;
    next = position + 1;
    count++;
  };
  const answer = (end: boolean): Considered => ({ count, wanted: found, first: Math.max(first, 0), last, next, end });
  let bytes = 0;
  const find = (event: Stored): void => {
    found.push(event);
    bytes += event.stored.length;
  };
  const isFull = (): boolean => found.length >= limit || bytes >= PAGE_BYTES;

  while (count < window && !isFull()) {
    const block = blockAt(search, next);
    if (block) {
      const { positions, verdicts, any, end } = block;
      let i = firstAtOrAfter(positions, next);
      if (!any) {
        const skipped = Math.min(positions.length - i, window - count);
        if (skipped > 0) {
          see(positions[i] ?? 0);
          see(positions[i + skipped - 1] ?? 0);
          count += skipped - 2;
          i += skipped;
        }
      } else {
        for (; i < positions.length && count < window && !isFull(); i++) {
          const position = positions[i] ?? 0;
          const stored = verdicts[i] === 1 ? store.db.log.get(position) : undefined;
          see(position);
          if (stored) find({ position, stored });
        }
      }
      if (i >= positions.length) next = end;
      continue;
    }
    const page = pageForwards(store, next, Math.min(window - count, 1024));
    if (page.length === 0) return answer(true);
    for (const event of page) {
      const mark = hasMark(event) ? event : entryOf(event.position, event.stored);
      see(event.position);
      if (wanted.test(wanted.on === 'type' ? mark.type : mark.stream)) find(event);
      if (isFull()) break;
    }
  }
  return answer(false);
};
