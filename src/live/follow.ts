import type { Logger } from 'pino';
import type { DomainEvent } from '../domain/catalogue.ts';
import { NewerVersionError, type Recorded } from '../domain/kit/events.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import type { SeededView } from './live-view.ts';

/** The live views' place in the log. */
export type LiveFeed = {
  /** Resolves once everything that was in the log at the start has been folded. */
  readonly caughtUp: Promise<void>;
  readonly isCaughtUp: () => boolean;
  /** Position of the last event folded; undefined before the first. */
  readonly position: () => bigint | undefined;
  /** Resolves true once `position` has been folded, false after `timeoutMs` of real time. */
  readonly waitFor: (position: bigint, timeoutMs: number) => Promise<boolean>;
  readonly close: () => Promise<void>;
};

const RECONNECT_MS = 500;

type Waiter = { readonly position: bigint; readonly resolve: (reached: boolean) => void };

/** Where the view that is furthest behind begins. */
const earliest = (views: readonly SeededView[]): bigint | undefined =>
  views.map(({ after }) => after).reduce((a, b) => (a === undefined || b === undefined ? undefined : a < b ? a : b), views[0]?.after);

/** Folds the log into the views with one reader, and follows it; a lost event store is waited for. `applied` is called after each event. */
export const followLive = (
  store: EventStore,
  views: readonly SeededView[],
  { log, applied }: { log: Logger; applied: () => void },
): LiveFeed => {
  const stop = new AbortController();
  const waiters = new Set<Waiter>();
  let last = earliest(views);
  let current = false;
  let announce = () => {};
  const caughtUp = new Promise<void>((resolve) => {
    announce = resolve;
  });

  const settle = () => {
    for (const waiter of waiters) if (last !== undefined && last >= waiter.position) waiter.resolve(true);
  };
  /** A view that can't fold an event leaves it out: read again, it would be folded twice by all others. */
  const fold = (event: Recorded<DomainEvent>): void => {
    for (const { view, after } of views) {
      if (after !== undefined && event.position <= after) continue;
      try {
        view.apply(event);
      } catch (error) {
        log.error({ err: error, view: view.name, type: event.type, position: event.position.toString() }, 'event left out of a live view');
      }
    }
  };
  const read = async (): Promise<void> => {
    for await (const item of store.follow({ after: last, personal: false, signal: stop.signal })) {
      if (item.kind === 'caught-up') {
        current = true;
        announce();
        continue;
      }
      if (item.kind === 'event') fold(item.event);
      if (item.kind === 'broken')
        log.error({ type: item.type, position: item.position.toString() }, 'event left out of the live views: its data is broken');
      last = item.kind === 'event' ? item.event.position : item.position;
      settle();
      applied();
    }
  };
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await read().catch((error) => {
        if (error instanceof NewerVersionError)
          log.error({ err: error }, 'newer code wrote to the log: this node is not ready until it is upgraded');
        else log.warn({ err: error }, 'live views lost the event store; trying again');
      });
      current = false;
      if (!stop.signal.aborted) await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    }
  };
  const running = run();

  return {
    caughtUp,
    isCaughtUp: () => current,
    position: () => last,
    waitFor: (position, timeoutMs) => {
      if (last !== undefined && last >= position) return Promise.resolve(true);
      return new Promise((resolve) => {
        const timer = setTimeout(() => waiter.resolve(false), timeoutMs);
        const waiter: Waiter = {
          position,
          resolve: (reached) => {
            clearTimeout(timer);
            waiters.delete(waiter);
            resolve(reached);
          },
        };
        waiters.add(waiter);
      });
    },
    close: async () => {
      stop.abort();
      for (const waiter of waiters) waiter.resolve(false);
      await running;
    },
  };
};
