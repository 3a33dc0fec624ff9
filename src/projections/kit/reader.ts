import { NewerVersionError } from '../../domain/kit/events.ts';
import type { EventStore, Feed } from '../../eventstore/event-store.ts';
import { describeError } from './database.ts';
import type { Queue } from './queue.ts';
import { backOff, type Persistence } from './retrying.ts';
import { ProjectionsStopped } from './stop.ts';

export type ReaderOptions = Persistence & {
  readonly store: Pick<EventStore, 'follow'>;
  readonly after: bigint | undefined;
  readonly personal: boolean;
  readonly queue: Queue<Feed>;
  /** Called before each connection to the event store; what it throws is handled like a lost connection. */
  readonly beforeReading?: () => Promise<void>;
  readonly connected?: (connected: boolean) => void;
  /** Hears what it is about to try again after. */
  readonly interrupted?: (error: unknown) => void;
};

/**
 * Follows the log into the queue until `signal` aborts, connecting again after what it handed over last.
 * An event that newer code wrote, or a log that isn't the one known, closes the queue with `ProjectionsStopped`.
 */
export const readInto = async (options: ReaderOptions): Promise<void> => {
  const { store, personal, queue, signal, log, beforeReading, connected, interrupted } = options;
  let { after } = options;
  for (let tries = 0; !signal.aborted; tries++) {
    try {
      await beforeReading?.();
      for await (const feed of store.follow({ after, personal, signal })) {
        tries = 0;
        connected?.(true);
        if (feed.kind !== 'caught-up') after = feed.kind === 'event' ? feed.event.position : feed.position;
        const full = queue.put(feed);
        if (full !== undefined) await full;
      }
      if (!signal.aborted) log.warn('the event store ended the subscription; connecting again');
    } catch (error) {
      if (error instanceof NewerVersionError) return queue.close(new ProjectionsStopped('newer-version', error.message));
      if (error instanceof ProjectionsStopped) return queue.close(error);
      if (!signal.aborted) {
        log.warn({ error: describeError(error) }, 'following the event store failed; connecting again');
        interrupted?.(error);
      }
    }
    connected?.(false);
    if (!signal.aborted) await backOff(tries, signal);
  }
  queue.close();
};
