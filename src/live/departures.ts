import { putNewest } from '../domain/kit/put-newest.ts';
import { type Departure, KEPT_DEPARTURES, meanGapSeconds } from '../domain/waits/estimated-wait.ts';
import type { QueueFlow } from './flow.ts';
import { instantsBeside } from './kit/join-instants.ts';
import type { LiveView } from './live-view.ts';

/** When the last interactions left each queue for an agent: our callbacks, and live calls as the contact center reports them. */
export type DeparturesView = LiveView & {
  /** A callback of ours was connected at `at` (epoch ms). */
  readonly record: (queue: string, at: number) => void;
  /** Live calls left a queue, some of which that source may have told of before. */
  readonly tell: (source: string, flow: Pick<QueueFlow, 'queue' | 'distributedAt'>) => void;
  /** Mean seconds between the last 32 that left; undefined until two have. */
  readonly meanGapSeconds: (queue: string) => number | undefined;
  /** The last ones that left, in order of time, as many as are kept. */
  readonly last: (queue: string) => readonly Departure[];
};

/** So many queues are known; of one more, that which nobody left for longest is forgotten. */
const MOST_QUEUES = 20_000;

type Kept = Departure & { readonly source: string | null };

/** `agentsOf` counts the agents of a queue who are logged in now; undefined where that isn't known. */
export const departuresView = (agentsOf: (queue: string) => number | undefined = () => undefined): DeparturesView => {
  const byQueue = new Map<string, readonly Kept[]>();
  const gaps = new Map<string, number | undefined>();
  const keep = (queue: string, source: string | null, instants: readonly number[]): void => {
    if (instants.length === 0) return;
    const agents = agentsOf(queue);
    const all = [...(byQueue.get(queue) ?? []), ...instants.map((at) => ({ at, agents, source }))];
    const kept = all.sort((a, b) => a.at - b.at).slice(-KEPT_DEPARTURES);
    gaps.set(queue, meanGapSeconds(kept));
    const forgotten = putNewest(byQueue, queue, kept, MOST_QUEUES);
    if (forgotten !== undefined) gaps.delete(forgotten);
  };
  return {
    name: 'departures',
    record: (queue, at) => keep(queue, null, [at]),
    tell: (source, { queue, distributedAt }) => {
      const known = (byQueue.get(queue) ?? []).flatMap((departure) => (departure.source === source ? [departure.at] : []));
      keep(queue, source, instantsBeside(known, distributedAt));
    },
    apply: ({ type, data }) => {
      if (type === 'CallbackConnected') keep(data.queue, null, [Date.parse(data.at)]);
    },
    meanGapSeconds: (queue) => gaps.get(queue),
    last: (queue) => byQueue.get(queue) ?? [],
  };
};
