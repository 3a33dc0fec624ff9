/** Who wants to hear of new events: of all, or of one stream. */
export type Signals = { readonly all: Set<() => void>; readonly streams: Map<string, Set<() => void>> };

export const signals = (): Signals => ({ all: new Set(), streams: new Map() });

/** Calls `wake` after every commit that adds to `stream`, or to any when it is undefined; answers how to stop. */
export const listen = (to: Signals, stream: string | undefined, wake: () => void): (() => void) => {
  if (stream === undefined) {
    to.all.add(wake);
    return () => to.all.delete(wake);
  }
  const set = to.streams.get(stream) ?? new Set();
  to.streams.set(stream, set.add(wake));
  return () => {
    set.delete(wake);
    if (set.size === 0 && to.streams.get(stream) === set) to.streams.delete(stream);
  };
};

/** Tells the listeners that these streams have grown. */
export const notify = (to: Signals, streams: Iterable<string>): void => {
  for (const wake of to.all) wake();
  if (to.streams.size === 0) return;
  for (const stream of streams) for (const wake of to.streams.get(stream) ?? []) wake();
};
