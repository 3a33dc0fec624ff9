import type { AllStreamResolvedEvent, EventStoreDBClient } from '@eventstore/db-client';
import { ahead } from './ahead.ts';
import type { Sealer } from './codec.ts';
import type { EventStore, Feed } from './event-store.ts';
import { type LogItem, logItem } from './log-item.ts';
import { subscription } from './subscription.ts';
import { sharedTail } from './tail.ts';

/** Events that are opened before a follower asks for them. */
const AHEAD = 256;

/** How the log is followed; see `EventStore`. */
export const logFollower = (client: EventStoreDBClient, sealer: Sealer): EventStore['follow'] => {
  let opening = 0; // followers that ask for personal data
  async function* itemsAfter(after: bigint | undefined, signal: AbortSignal): AsyncGenerator<LogItem> {
    for await (const event of subscription(client, after, signal)) {
      const item = event === 'caught-up' ? undefined : logItem(sealer, event);
      if (item === undefined) continue;
      if (opening > 0) item.personal().catch(() => {}); // begun here, so that keys are asked for together; who comes to it asks again
      yield item;
    }
  }
  const tail = sharedTail(itemsAfter);

  /** Reads by itself up to the log's end, and goes on with what is read once for all. */
  async function* following(after: bigint | undefined, personal: boolean, signal: AbortSignal): AsyncGenerator<Feed> {
    const feedOf = ({ clear, personal: opened }: LogItem) => (personal ? opened() : clear());
    const placed = async (event: AllStreamResolvedEvent | 'caught-up') => {
      const item = event === 'caught-up' ? undefined : logItem(sealer, event);
      return item === undefined ? event : { position: item.position, feed: await feedOf(item) };
    };
    let last = after;
    for (let announced = false; !signal.aborted; ) {
      let shared: AsyncGenerator<LogItem> | undefined;
      const own = new AbortController();
      try {
        for await (const read of ahead(subscription(client, last, AbortSignal.any([signal, own.signal])), AHEAD, placed)) {
          if (read === 'caught-up') {
            if (!announced) yield { kind: 'caught-up' };
            announced = true;
          } else if ('feed' in read) {
            yield read.feed;
            last = read.position;
          } else continue;
          shared = announced ? tail.after(last, signal) : undefined;
          if (shared !== undefined) break;
        }
      } finally {
        own.abort();
      }
      if (shared === undefined) return;
      for await (const item of shared) {
        yield await feedOf(item);
        last = item.position;
      }
    }
  }
  return async function* ({ after, personal, signal }) {
    opening += personal ? 1 : 0;
    try {
      yield* following(after, personal, signal);
    } finally {
      opening -= personal ? 1 : 0;
    }
  };
};
