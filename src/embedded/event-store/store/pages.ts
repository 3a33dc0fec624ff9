import type { Wanted } from './filter.ts';
import { pageBackwards, pageForwards, type Stored } from './read-all.ts';
import { beginSearch, consider } from './search.ts';
import { entryOf, type Store } from './store.ts';

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

/** Pages of the log before a position, newest first. */
export function* pagesBackwards(store: Store, before: number, wanted: Wanted | undefined): Generator<readonly Stored[]> {
  let next = before;
  for (;;) {
    const page = pageBackwards(store, next, pageSize);
    const oldest = page.at(-1);
    if (!oldest) return;
    yield wanted
      ? page.filter(({ position, stored }) => {
          const { type, stream } = entryOf(position, stored);
          return wanted.test(wanted.on === 'type' ? type : stream);
        })
      : page;
    next = oldest.position;
  }
}
