/** Interactions that the average is taken over (2.4). */
const COUNTED = 32;

/** When the last interactions left each queue for an agent. */
export type Departures = {
  /** `at` is epoch ms. */
  readonly record: (queue: string, at: number) => void;
  /** Mean seconds between those that left; undefined until two have. */
  readonly meanGapSeconds: (queue: string) => number | undefined;
};

export const departures = (): Departures => {
  const byQueue = new Map<string, number[]>();
  return {
    record: (queue, at) => {
      const instants = byQueue.get(queue) ?? [];
      instants.push(at);
      if (instants.length > COUNTED) instants.shift();
      byQueue.set(queue, instants);
    },
    meanGapSeconds: (queue) => {
      const instants = byQueue.get(queue) ?? [];
      const [first] = instants;
      const last = instants.at(-1);
      return first === undefined || last === undefined || instants.length < 2 ? undefined : (last - first) / (instants.length - 1) / 1000;
    },
  };
};
