import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { FilterOptions, ReadRequest } from '../protocol/read-request.ts';
import { readResponse } from '../protocol/read-response.ts';
import { type Wanted, wantedBy } from '../store/filter.ts';
import { pageForwards } from '../store/read-all.ts';
import { beginSearch, type Considered, consider } from '../store/search.ts';
import type { Store } from '../store/store.ts';
import { type Refusal, refusals } from './errors.ts';
import { followNews } from './news.ts';
import { presenter } from './present.ts';
import { mayBegin } from './read.ts';
import { type Answers, send } from './send.ts';

const page = 256;
const defaultWindow = 32;
const matchesPerPage = 32;

const startOf = (store: Store, { from }: ReadRequest): number => (from === 'start' ? 0 : from === 'end' ? store.end : from + 1);

/** Follows $all: what is there, "caught up", what comes; through a filter if there is one. */
export const subscribeAll = async (store: Store, call: Answers, request: ReadRequest, now: () => number): Promise<Refusal | undefined> => {
  const { filter } = request;
  if (!mayBegin(store, request)) return refusals.handlerFailed;
  if (filter?.window === 0) return refusals.invalid('The search window of a filter must be at least 1.');
  if (filter?.multiplier === 0) return refusals.handlerFailed;
  let wanted: Wanted | undefined;
  try {
    wanted = filter && wantedBy(filter);
  } catch {
    return refusals.handlerFailed;
  }
  const news = followNews(store.signals, undefined, call);
  try {
    await send(call, [readResponse.confirmation(randomUUID())]);
    const look = filter && wanted ? filtered(store, request, filter, wanted, now) : unfiltered(store, request, now);
    let live = false;
    while (!call.cancelled && !call.destroyed) {
      const { answers, end } = look(live);
      if (!(await send(call, answers))) break;
      if (!end) {
        if (answers.length === 0) await setImmediate(); // a long search lets others in
        continue;
      }
      if (!live) await send(call, [readResponse.caughtUp]);
      live = true;
      await news.wait();
    }
  } finally {
    news.stop();
  }
  return undefined;
};

/** Looks at what comes next: what to send, and whether nothing is left for now. */
type Look = (live: boolean) => { readonly answers: readonly Buffer[]; readonly end: boolean };

const unfiltered = (store: Store, request: ReadRequest, now: () => number): Look => {
  const present = presenter(store, request, now);
  let next = startOf(store, request);
  return () => {
    const events = pageForwards(store, next, page);
    next = (events.at(-1)?.position ?? next - 1) + 1;
    return { answers: events.map((e) => present(e.stored)), end: events.length === 0 };
  };
};

/**
 * A checkpoint is due after every `window × multiplier` events looked at, wanted or not. While catching up it is sent at most once a page of `window`
 * events: at the page's last wanted event, or else at the page's beginning; never for the last page, whose count is carried on.
 * Live, it is sent at the very event.
 */
const filtered = (store: Store, request: ReadRequest, filter: FilterOptions, wanted: Wanted, now: () => number): Look => {
  const present = presenter(store, request, now);
  const window = filter.window ?? defaultWindow;
  const interval = window * filter.multiplier;
  const search = beginSearch(store, wanted);
  let next = startOf(store, request);
  let counter = 0;

  const catchUp = (seen: Considered): Buffer[] => {
    const answers = seen.wanted.map((e) => present(e.stored));
    counter += seen.count;
    if (seen.end || counter < interval) return answers;
    counter %= interval;
    const newest = seen.wanted.at(-1);
    answers.push(newest ? readResponse.checkpoint(newest.position, newest.position) : readResponse.checkpoint(seen.first, 0));
    return answers;
  };
  return (live) => {
    const seen = consider(search, next, live ? interval - counter : window, matchesPerPage);
    next = seen.next;
    if (!live) return { answers: catchUp(seen), end: seen.end };
    const answers = seen.wanted.map((e) => present(e.stored));
    counter += seen.count;
    if (counter >= interval) {
      counter = 0;
      answers.push(readResponse.checkpoint(seen.last, seen.last));
    }
    return { answers, end: seen.end };
  };
};
