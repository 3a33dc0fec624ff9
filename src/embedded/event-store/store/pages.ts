import type { Wanted } from './filter.ts';
import { pageBackwards, pageForwards, type Stored } from './read-all.ts';
import { beginSearch, consider } from './search.ts';
import { searchBackwards } from './search-backwards.ts';
import type { Store } from './store.ts';

const pageSize = 256;
const searchWindow = 65_536;

/** Pages of the log from a position on, through a filter if there is one: then a page may be empty before the end. */
export function* pagesForwards(store: Store, from: number, wanted: Wanted | undefined): Generator<readonly Stored[]> {
  let next = from;
  if (wanted) {
    const search = beginSearch(store, wanted);
    for (;;) {
      const seen = consider(search, next, searchWindow, pageSize);
      yield seen.wanted;
      next = seen.next;
      if (seen.end) return;
    }
  }
  for (;;) {
    const page = pageForwards(store, next, pageSize);
    const newest = page.at(-1);
    if (!newest) return;
    yield page;
    next = newest.position + 1;
  }
}

/** Pages of the log before a position, newest first; through a filter a page may be empty before the beginning. */
export function* pagesBackwards(store: Store, before: number, wanted: Wanted | undefined): Generator<readonly Stored[]> {
  if (wanted) {
    yield* searchBackwards(store, before, wanted, pageSize);
    return;
  }
  let next = before;
  for (;;) {
    const page = pageBackwards(store, next, pageSize);
    const oldest = page.at(-1);
    if (!oldest) return;
    yield page;
    next = oldest.position;
  }
}
