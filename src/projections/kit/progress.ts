import type { Clock } from '../../clock.ts';
import type { Feed } from '../../eventstore/event-store.ts';

/**
 * How far behind the log what was folded is. `lagMs`: 0 when everything received is folded; else how long the oldest waits, or how old
 * the last folded event is while catching up, or how long the log has been out of reach; null while nothing is known.
 */
export const trackLag = (clock: Clock) => {
  let lost: number | undefined = clock.now();
  let oldestWaiting: number | undefined;
  let lastFolded: number | undefined;
  let caughtUp = false;
  return {
    connected: (connected: boolean) => {
      lost = connected ? undefined : (lost ?? clock.now());
    },
    received: () => {
      oldestWaiting ??= clock.now();
    },
    /** Everything up to `items` is folded; `left` more items wait. */
    folded: (items: readonly Feed[], left: number) => {
      oldestWaiting = left > 0 ? clock.now() : undefined;
      const last = items.findLast((item) => item.kind === 'event');
      if (last?.kind === 'event') lastFolded = Date.parse(last.event.data.at);
      caughtUp ||= items.some(({ kind }) => kind === 'caught-up');
    },
    lagMs: (): number | null => {
      if (!caughtUp) return lastFolded === undefined ? null : Math.max(0, clock.now() - lastFolded);
      return Math.max(0, clock.now() - Math.min(lost ?? Number.POSITIVE_INFINITY, oldestWaiting ?? Number.POSITIVE_INFINITY));
    },
  };
};

type Waiter = { readonly until: () => boolean; readonly done: (reached: boolean) => void };

/** Promises that settle when a condition, looked at after each batch, holds. */
export const waiters = (clock: Clock) => {
  const waiting = new Set<Waiter>();
  return {
    look: () => {
      for (const waiter of waiting) if (waiter.until()) waiter.done(true);
    },
    /** True once `until` holds; false when `timeoutMs` have passed before. */
    waitFor: (until: () => boolean, timeoutMs?: number): Promise<boolean> =>
      until()
        ? Promise.resolve(true)
        : new Promise((resolve) => {
            let cancel = () => {};
            const waiter: Waiter = {
              until,
              done: (reached) => {
                cancel();
                waiting.delete(waiter);
                resolve(reached);
              },
            };
            waiting.add(waiter);
            if (timeoutMs !== undefined) cancel = clock.at(clock.now() + timeoutMs, () => waiter.done(false));
          }),
  };
};
