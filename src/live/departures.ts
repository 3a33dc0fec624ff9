import type { LiveView } from './live-view.ts';

/** Interactions that the average is taken over (2.4). */
export const COUNTED_DEPARTURES = 32;

/** When the last interactions left each queue for an agent. */
export type DeparturesView = LiveView & {
  /** `at` is epoch ms; in order of time. */
  readonly record: (queue: string, at: number) => void;
  /** Mean seconds between those that left; undefined until two have. */
  readonly meanGapSeconds: (queue: string) => number | undefined;
};

export const departuresView = (): DeparturesView => {
  const byQueue = new Map<string, number[]>();
  const record = (queue: string, at: number): void => {
    const instants = byQueue.get(queue) ?? [];
    instants.push(at);
    if (instants.length > COUNTED_DEPARTURES) instants.shift();
    byQueue.set(queue, instants);
  };
  return {
    name: 'departures',
    record,
    apply: ({ type, data }) => {
      if (type === 'CallbackConnected') record(data.queue, Date.parse(data.at));
    },
    meanGapSeconds: (queue) => {
      const instants = byQueue.get(queue) ?? [];
      const [first] = instants;
      const last = instants.at(-1);
      return first === undefined || last === undefined || instants.length < 2 ? undefined : (last - first) / (instants.length - 1) / 1000;
    },
  };
};
