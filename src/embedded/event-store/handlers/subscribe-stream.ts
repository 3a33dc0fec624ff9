import { randomUUID } from 'node:crypto';
import type { ReadRequest } from '../protocol/read-request.ts';
import { readResponse } from '../protocol/read-response.ts';
import { type StreamView, streamForwards, viewStream } from '../store/read-stream.ts';
import { headOf, type Store } from '../store/store.ts';
import { type Refusal, refusals } from './errors.ts';
import { followNews } from './news.ts';
import { presenter } from './present.ts';
import { type Answers, send } from './send.ts';

const page = 256;

/** Once live, a subscriber is given every event, also what the stream's metadata hides from later readers. */
const unhidden = (view: Extract<StreamView, { kind: 'open' }>): typeof view => ({ ...view, first: 0, created: 0 });

/** Follows a stream: what is there, "caught up", what comes. Ends with a refusal once the stream is tombstoned. */
export const subscribeStream = async (
  store: Store,
  call: Answers,
  request: ReadRequest,
  stream: string,
  now: () => number,
): Promise<Refusal | undefined> => {
  if (viewStream(store, stream, now()).kind === 'tombstoned') return refusals.streamDeleted(stream);
  const present = presenter(store, request, now);
  const { from } = request;
  let next = from === 'start' ? 0 : from === 'end' ? headOf(store, stream).last + 1 : from + 1;
  let live = false;
  const news = followNews(store.signals, stream, call);
  try {
    await send(call, [readResponse.confirmation(randomUUID())]);
    while (!call.cancelled && !call.destroyed) {
      const view = viewStream(store, stream, now());
      if (view.kind === 'tombstoned') {
        const stored = store.db.log.get(view.position);
        if (stored) await send(call, [present(stored)]);
        return refusals.streamDeleted(stream);
      }
      const events = view.kind === 'open' ? streamForwards(store, live ? unhidden(view) : view, next, page) : [];
      const newest = events.at(-1);
      if (newest) {
        await send(
          call,
          events.map((e) => present(e.stored)),
        );
        next = newest.revision + 1;
        continue;
      }
      if (view.kind === 'open' && !live) {
        live = true;
        await send(call, [readResponse.caughtUp]);
      }
      await news.wait();
    }
  } finally {
    news.stop();
  }
  return undefined;
};
