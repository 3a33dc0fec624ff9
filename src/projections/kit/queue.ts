export type Queue<T> = {
  /** Adds an item; answers a promise to wait for while the queue is full. */
  readonly put: (item: T) => Promise<void> | undefined;
  /** Takes up to `max` items, waiting for the first; none once the queue is closed and empty. Throws what it failed with, once empty. */
  readonly take: (max: number) => Promise<T[]>;
  readonly size: () => number;
  /** Settles once `size` items wait, or the queue is closed. */
  readonly filled: (size: number) => Promise<void>;
  readonly close: (failure?: Error) => void;
};

/** A queue between one producer and one consumer that holds about `limit` items. */
export const boundedQueue = <T>(limit: number): Queue<T> => {
  let items: T[] = [];
  let closed = false;
  let failed: Error | undefined;
  let room: (() => void) | undefined;
  let wanted: { size: number; wake: () => void } | undefined;

  const filled = (size: number): Promise<void> =>
    closed || items.length >= Math.min(size, limit)
      ? Promise.resolve()
      : new Promise((wake) => {
          wanted = { size: Math.min(size, limit), wake };
        });
  const wakeConsumer = () => {
    wanted?.wake();
    wanted = undefined;
  };

  return {
    put: (item) => {
      items.push(item);
      if (wanted !== undefined && items.length >= wanted.size) wakeConsumer();
      return items.length < limit || closed
        ? undefined
        : new Promise((resolve) => {
            room = resolve;
          });
    },
    take: async (max) => {
      await filled(1);
      if (items.length === 0 && failed !== undefined) throw failed;
      const taken = items.slice(0, max);
      items = items.slice(max);
      room?.();
      room = undefined;
      return taken;
    },
    size: () => items.length,
    filled,
    close: (failure) => {
      closed = true;
      failed ??= failure;
      wakeConsumer();
      room?.();
    },
  };
};
