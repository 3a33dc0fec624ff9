/** Events kept for followers: one that falls further behind reads by itself again. */
const KEPT = 4_096;

type Positioned = { readonly position: bigint };
type Ring<T> = { readonly items: T[]; evictedUpTo: bigint | undefined; dropped: number; failure: unknown; ended: boolean };

/** The newest events of the log in memory, read once for all followers that keep up. */
export type Tail<T> = {
  /** What comes after `position`, until `signal` aborts, or the follower has been overtaken. Throws what reading throws. Undefined when the tail doesn't reach back that far. */
  readonly after: (position: bigint | undefined, signal: AbortSignal) => AsyncGenerator<T> | undefined;
};

const isBefore = (a: bigint | undefined, b: bigint | undefined): boolean => b !== undefined && (a === undefined || a < b);

/** Shares one reader of `read`, which starts where its first follower stands and ends with its last one. */
export const sharedTail = <T extends Positioned>(
  read: (after: bigint | undefined, signal: AbortSignal) => AsyncIterable<T>,
  kept = KEPT,
): Tail<T> => {
  let ring: Ring<T> | undefined;
  let followers = 0;
  let stop = new AbortController();
  let waiting: (() => void)[] = [];
  const news = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  const announce = () => {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  };

  const fill = async (own: Ring<T>, signal: AbortSignal): Promise<void> => {
    for await (const item of read(own.evictedUpTo, signal)) {
      own.items.push(item);
      if (own.items.length >= 2 * kept) {
        const [last] = own.items.splice(0, kept).slice(-1);
        own.dropped += kept;
        own.evictedUpTo = last?.position;
      }
      announce();
    }
  };
  const start = (after: bigint | undefined): Ring<T> => {
    const own: Ring<T> = { items: [], evictedUpTo: after, dropped: 0, failure: undefined, ended: false };
    stop = new AbortController();
    void fill(own, stop.signal)
      .catch((error) => {
        own.failure = error;
      })
      .finally(() => {
        own.ended = true;
        if (ring === own) ring = undefined;
        announce();
      });
    return own;
  };

  async function* follow(own: Ring<T>, position: bigint | undefined, signal: AbortSignal): AsyncGenerator<T> {
    followers += 1;
    signal.addEventListener('abort', announce, { once: true });
    try {
      let next = own.dropped; // counted from the ring's very first event
      while (!signal.aborted && next >= own.dropped) {
        const item = own.items[next - own.dropped];
        if (item !== undefined) {
          next += 1;
          if (isBefore(position, item.position)) yield item;
        } else if (own.ended) {
          if (own.failure !== undefined) throw own.failure;
          return;
        } else await news();
      }
    } finally {
      signal.removeEventListener('abort', announce);
      followers -= 1;
      if (followers === 0) {
        stop.abort();
        ring = undefined;
      }
    }
  }

  return {
    after: (position, signal) => {
      if (ring !== undefined && isBefore(position, ring.evictedUpTo)) return undefined;
      ring ??= start(position);
      return follow(ring, position, signal);
    },
  };
};
