/**
 * Instants (epoch ms) of the last `lengthMs`, by key. They are held in generations, each of them as long, which go as wholes: what nobody asks
 * for takes no memory for longer than three of them. A key may be another one in each generation.
 */
export type SlidingWindow = {
  readonly add: (key: string, at: number) => void;
  /** Those after `now - lengthMs`, in order of time: how many, and when each was. */
  readonly within: (keyIn: (generation: number) => string, now: number) => Within;
  /** How many keys are held. */
  readonly size: () => number;
};

export type Within = { readonly count: number; readonly at: (index: number) => number | undefined };

/** How many of some instants, in order of time, lie at or before `limit`. */
const passed = (instants: readonly number[], limit: number): number => {
  let [low, high] = [0, instants.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((instants[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
};

const NONE: readonly number[] = [];

/** Nodes' clocks differ a little: a generation is kept while the one after the next begins. */
const KEPT = 3;

export const slidingWindow = (lengthMs: number): SlidingWindow => {
  const generations = new Map<number, Map<string, number[]>>();
  let newest = Number.NEGATIVE_INFINITY;
  return {
    add: (key, at) => {
      const generation = Math.floor(at / lengthMs);
      if (generation > newest) {
        newest = generation;
        for (const one of generations.keys()) if (one <= newest - KEPT) generations.delete(one);
      }
      if (generation <= newest - KEPT) return;
      const keys = generations.get(generation) ?? new Map<string, number[]>();
      generations.set(generation, keys);
      const instants = keys.get(key);
      if (instants === undefined) {
        keys.set(key, [at]);
        return;
      }
      let place = instants.length;
      while (place > 0 && (instants[place - 1] ?? 0) > at) place -= 1;
      instants.splice(place, 0, at);
    },
    within: (keyIn, now) => {
      const generation = Math.floor(now / lengthMs);
      const of = (one: number): readonly number[] => generations.get(one)?.get(keyIn(one)) ?? NONE;
      const [before, current] = [of(generation - 1), of(generation)];
      const from = passed(before, now - lengthMs);
      const left = before.length - from;
      return { count: left + current.length, at: (index) => (index < left ? before[from + index] : current[index - left]) };
    },
    size: () => [...generations.values()].reduce((sum, keys) => sum + keys.size, 0),
  };
};
