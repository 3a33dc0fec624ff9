/** Events kept for followers: one that falls further behind reads by itself again. */
const KEPT = 4_096;
/** Large ones take the place of many: about so many bytes are kept at most. */
const KEPT_BYTES = 32 * 1024 * 1024;

type Sized = { readonly position: bigint; readonly bytes: number };
type Ring<T> = {
  readonly items: T[];
  bytes: number;
  evictedUpTo: bigint | undefined;
  dropped: number;
  failure: unknown;
  ended: boolean;
};

/** Drops the older half. */
const halve = <T extends Sized>(ring: Ring<T>): void => {
  const gone = ring.items.splice(0, Math.ceil(ring.items.length / 2));
  ring.dropped += gone.length;
  ring.evictedUpTo = gone.at(-1)?.position;
  for (const { bytes } of gone) ring.bytes -= bytes;
};

/** The newest events of the log in memory, read once for all followers that keep up. */
export type Tail<T> = {
  /** What comes after `position`, until `signal` aborts, or the follower has been overtaken. Throws what reading throws. Undefined when the tail doesn't reach back that far. */
  readonly after: (position: bigint | undefined, signal: AbortSignal) => AsyncGenerator<T> | undefined;
};

const isBefore = (a: bigint | undefined, b: bigint | undefined): boolean => b !== undefined && (a === undefined || a < b);

/** Shares one reader of `read`, which starts where its first follower stands and ends with its last one. */
export const sharedTail = <T extends Sized>(
  read: (after: bigint | undefined, signal: AbortSignal) => AsyncIterable<T>,
  { kept = KEPT, keptBytes = KEPT_BYTES }: { readonly kept?: number; readonly keptBytes?: number } = {},
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
      own.bytes += item.bytes;
      if (own.items.length >= 2 * kept || own.bytes > keptBytes) halve(own);
      announce();
    }
  };
  const start = (after: bigint | undefined): Ring<T> => {
    const own: Ring<T> = { items: [], bytes: 0, evictedUpTo: after, dropped: 0, failure: undefined, ended: false };
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
