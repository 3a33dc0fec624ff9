import { setImmediate } from 'node:timers/promises';
import type { ReadRequest } from '../protocol/read-request.ts';
import { readResponse } from '../protocol/read-response.ts';
import { type Wanted, wantedBy } from '../store/filter.ts';
import { pagesBackwards, pagesForwards } from '../store/pages.ts';
import { isPosition } from '../store/read-all.ts';
import { type StreamView, streamBackwards, streamForwards, viewStream } from '../store/read-stream.ts';
import type { Store } from '../store/store.ts';
import { type Refusal, refusals } from './errors.ts';
import { presenter } from './present.ts';
import { type Answers, send } from './send.ts';

const page = 256;

type Open = Extract<StreamView, { kind: 'open' }>;

/** Reads a stream from a revision, either way, then says where the stream ends. Answers the refusal, if it is one. */
export const readStream = async (
  store: Store,
  call: Answers,
  request: ReadRequest,
  stream: string,
  now: () => number,
): Promise<Refusal | undefined> => {
  const { backwards, from, count = 0 } = request;
  if (count === 0 || (from === 'end' && !backwards)) return refusals.readStreamFailed;
  const view = viewStream(store, stream, now());
  if (view.kind === 'tombstoned') return refusals.streamDeleted(stream);
  if (view.kind === 'missing') {
    await send(call, [readResponse.streamNotFound(stream)]);
    return undefined;
  }
  const sent = await sendEvents(store, call, request, view, now);
  if (request.compatibility < 1 || call.cancelled) return undefined;
  const { last } = view.head;
  await send(call, [...(sent ? [] : [readResponse.firstStreamPosition(last + 1)]), readResponse.lastStreamPosition(last)]);
  return undefined;
};

/** Sends the events that are asked for; answers whether there were any. */
const sendEvents = async (store: Store, call: Answers, request: ReadRequest, view: Open, now: () => number): Promise<boolean> => {
  const { from, backwards } = request;
  const present = presenter(store, request, now);
  const look = backwards ? streamBackwards : streamForwards;
  let left = request.count ?? 0;
  let next = from === 'start' ? 0 : from === 'end' ? view.head.last : from;
  let sent = false;
  while (left > 0 && next >= 0) {
    const events = look(store, view, next, Math.min(left, page));
    const furthest = events.at(-1);
    if (!furthest) break;
    const answers = events.map((e) => present(e.stored));
    if (!(await send(call, answers))) break;
    sent = true;
    left -= events.length;
    next = furthest.revision + (backwards ? -1 : 1);
  }
  return sent;
};

/** Whether a reader may begin at the position that came with a request; the prepare position may lie below it, not above. */
export const mayBegin = (store: Store, request: ReadRequest): boolean =>
  typeof request.from !== 'number' || ((request.prepare ?? 0) <= request.from && isPosition(store, request.from));

/** Reads $all from a position, either way, through a filter if there is one. Answers the refusal, if it is one. */
export const readAll = async (store: Store, call: Answers, request: ReadRequest, now: () => number): Promise<Refusal | undefined> => {
  const { backwards, from, filter } = request;
  if (!mayBegin(store, request) || (backwards && typeof from === 'number' && from > store.end)) return refusals.readAllFailed;
  if (filter?.window === 0) return refusals.invalid('The search window of a filter must be at least 1.');
  const present = presenter(store, request, now);
  let wanted: Wanted | undefined;
  try {
    wanted = filter && wantedBy(filter);
  } catch {
    return refusals.handlerFailed;
  }
  const start = from === 'start' ? 0 : from === 'end' ? store.end : from;
  const pages = (backwards ? pagesBackwards : pagesForwards)(store, start, wanted);
  let left = request.count ?? 0;
  for (const events of pages) {
    const answers = events.slice(0, left).map((e) => present(e.stored));
    if (answers.length === 0) await setImmediate(); // a long search lets others in
    if (!(await send(call, answers))) return undefined;
    left -= answers.length;
    if (left <= 0) return undefined;
  }
  return undefined;
};
