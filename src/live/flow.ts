import { KEPT_DEPARTURES } from '../domain/waits/estimated-wait.ts';
import { joinInstants } from './kit/join-instants.ts';
import { reportSources, type SourceState, whileHeard } from './kit/report-sources.ts';

/** A queue where nobody waits and that a full report doesn't name any more is forgotten this long after the last left it. */
const FORGOTTEN_MS = 86_400_000;

/** Somebody who waits on the line: `enteredAt` is epoch ms, `priority` what it is now. */
export type LiveCaller = { readonly enteredAt: number; readonly priority: number };
/** A queue as a source reports it: who waits there on the line, and when the last ones were handed to an agent (epoch ms). */
export type QueueFlow = { readonly queue: string; readonly waiting: readonly LiveCaller[]; readonly distributedAt: readonly number[] };

/** A report of queues: all of a source's (`full`), or those that changed. Instants that were told before may be told again. */
export type FlowReport = {
  readonly source: string;
  readonly sequence: number;
  readonly full: boolean;
  readonly queues: readonly QueueFlow[];
};

/** All queues of a source after a report that came at `now` (epoch ms): in one that is full, nobody waits where it names nobody. */
export const foldFlow = (before: readonly QueueFlow[] | undefined, { full, queues }: FlowReport, now: number): readonly QueueFlow[] => {
  const all = new Map<string, QueueFlow>();
  for (const known of before ?? []) {
    if (!full) all.set(known.queue, known);
    else if ((known.distributedAt.at(-1) ?? 0) > now - FORGOTTEN_MS) all.set(known.queue, { ...known, waiting: [] });
  }
  for (const { queue, waiting, distributedAt } of queues)
    all.set(queue, { queue, waiting, distributedAt: joinInstants(all.get(queue)?.distributedAt ?? [], distributedAt, KEPT_DEPARTURES) });
  return [...all.values()];
};

/** What the contact center says of calls that wait on the line, and of those that have left (7.1). */
export type FlowView = {
  /** Takes a report at `now` (epoch ms); a sequence not above the source's last changes nothing and answers false. */
  readonly report: (report: FlowReport, now: number) => boolean;
  /** Takes what another node was told; likewise. */
  readonly merge: (told: SourceState<readonly QueueFlow[]>) => boolean;
  readonly sequences: () => ReadonlyMap<string, number>;
  /** Who waits in a queue on the line, in the order of 7.3, by sources heard within the last 30 s: a silent one's callers no longer count. */
  readonly waiting: (queue: string, now: number) => readonly LiveCaller[];
  /** The same of every queue where somebody waits on the line. */
  readonly lines: (now: number) => ReadonlyMap<string, readonly LiveCaller[]>;
  /** Whether any source has been heard within the last 30 s. */
  readonly isHeard: (now: number) => boolean;
  /** When the next source falls silent (epoch ms); undefined when none is heard. */
  readonly nextSilence: (now: number) => number | undefined;
};

const inOrder = (a: LiveCaller, b: LiveCaller): number => b.priority - a.priority || a.enteredAt - b.enteredAt;

/** How many of `callers`, who are in order, come before somebody of that standing; one who came at the same time does, for he is on the line. */
export const callersBefore = (callers: readonly LiveCaller[], { priority, enteredAt }: LiveCaller): number => {
  let [low, high] = [0, callers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const caller = callers[middle];
    if (caller !== undefined && inOrder(caller, { priority, enteredAt }) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
};

const sameInstants = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((at, index) => at === b[index]);

/**
 * `departed` hears the instants at which interactions left a queue when there are new ones, those that it heard of before among them.
 * See `reportSources` for `clockSpeed`.
 */
export const flowView = (departed: (source: string, flow: QueueFlow) => void = () => {}, clockSpeed = 1): FlowView => {
  const sources = reportSources<readonly QueueFlow[]>(clockSpeed);
  const byQueue = whileHeard(sources.nextSilence, (now): ReadonlyMap<string, readonly LiveCaller[]> => {
    const lines = new Map<string, LiveCaller[]>();
    for (const { queue, waiting } of sources.heard(now).flat()) {
      if (waiting.length === 0) continue;
      const line = lines.get(queue);
      if (line === undefined) lines.set(queue, [...waiting]);
      else for (const caller of waiting) line.push(caller);
    }
    for (const line of lines.values()) line.sort(inOrder);
    return lines;
  });
  const heard = whileHeard(sources.nextSilence, (now) => sources.heard(now).length > 0);
  const merge = (told: SourceState<readonly QueueFlow[]>): boolean => {
    const before = new Map(sources.stateOf(told.source)?.map(({ queue, distributedAt }) => [queue, distributedAt]));
    if (!sources.put(told)) return false;
    for (const flow of told.state) if (!sameInstants(flow.distributedAt, before.get(flow.queue) ?? [])) departed(told.source, flow);
    byQueue.changed();
    heard.changed();
    return true;
  };
  return {
    report: (report, now) => {
      const { source, sequence } = report;
      return merge({ source, sequence, heardAt: now, state: foldFlow(sources.stateOf(source), report, now) });
    },
    merge,
    sequences: sources.sequences,
    waiting: (queue, now) => byQueue.at(now).get(queue) ?? [],
    lines: byQueue.at,
    isHeard: heard.at,
    nextSilence: sources.nextSilence,
  };
};
