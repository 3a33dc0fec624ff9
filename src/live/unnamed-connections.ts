/** Calls that were connected to an agent of whom nobody said who he is: one who is ready by the last reports isn't. */
export type UnnamedConnections = {
  /** Somebody of the queue has a call now, whom one of these sources has told ready. */
  readonly connected: (queue: string, sources: Iterable<string>) => void;
  /** What a source says from now on is said after all of them. */
  readonly told: (source: string) => void;
  /** How many agents of each queue that leaves, of whom a source that counts has said nothing since. */
  readonly counts: (isHeard: (source: string) => boolean) => ReadonlyMap<string, number>;
};

/** So many are remembered, a bound far above what happens between two reports. */
const MOST = 100_000;

export const unnamedConnections = (): UnnamedConnections => {
  const open = new Set<{ readonly queue: string; readonly awaited: Set<string> }>();
  return {
    connected: (queue, sources) => {
      const awaited = new Set(sources);
      if (awaited.size === 0) return;
      open.add({ queue, awaited });
      const [first] = open.size > MOST ? open : [];
      if (first !== undefined) open.delete(first);
    },
    told: (source) => {
      for (const one of open) {
        one.awaited.delete(source);
        if (one.awaited.size === 0) open.delete(one);
      }
    },
    counts: (isHeard) => {
      const counts = new Map<string, number>();
      for (const { queue, awaited } of open) if ([...awaited].some(isHeard)) counts.set(queue, (counts.get(queue) ?? 0) + 1);
      return counts;
    },
  };
};
