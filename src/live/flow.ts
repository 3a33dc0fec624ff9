import { KEPT_DEPARTURES } from '../domain/waits/estimated-wait.ts';
import { joinInstants } from './kit/join-instants.ts';
import { type ReportSources, reportSources, type SourceState, whileHeard } from './kit/report-sources.ts';
import type { Taken } from './kit/taken.ts';

/** So many queues may a source tell of. */
export const MOST_QUEUES = 5_000;

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

const lastLeft = ({ distributedAt }: QueueFlow): number => distributedAt.at(-1) ?? 0;

/** Leaves out as many of the queues where nobody waits, and that this report doesn't name, as are too many: those that were left first. */
const bounded = (all: Map<string, QueueFlow>, { queues }: FlowReport): readonly QueueFlow[] | undefined => {
  if (all.size <= MOST_QUEUES) return [...all.values()];
  const named = new Set(queues.map(({ queue }) => queue));
  const spare = [...all.values()].filter(({ queue, waiting }) => waiting.length === 0 && !named.has(queue));
  spare.sort((a, b) => lastLeft(a) - lastLeft(b));
  for (const { queue } of spare.slice(0, all.size - MOST_QUEUES)) all.delete(queue);
  return all.size > MOST_QUEUES ? undefined : [...all.values()];
};

/**
 * All queues of a source after a report that came at `now` (epoch ms): in one that is full, nobody waits where it names nobody. Undefined
 * where it would tell of too many queues.
 */
export const foldFlow = (before: readonly QueueFlow[] | undefined, report: FlowReport, now: number): readonly QueueFlow[] | undefined => {
  const { full, queues } = report;
  const all = new Map<string, QueueFlow>();
  for (const known of before ?? []) {
    if (!full) all.set(known.queue, known);
    else if (lastLeft(known) > now - FORGOTTEN_MS) all.set(known.queue, { ...known, waiting: [] });
  }
  for (const { queue, waiting, distributedAt } of queues)
    all.set(queue, { queue, waiting, distributedAt: joinInstants(all.get(queue)?.distributedAt ?? [], distributedAt, KEPT_DEPARTURES) });
  return bounded(all, report);
};

/** What the contact center says of calls that wait on the line, and of those that have left (7.1). */
export type FlowView = Pick<ReportSources<unknown>, 'sequences' | 'forgottenBefore'> & {
  /** Takes a report at `now` (epoch ms). */
  readonly report: (report: FlowReport, now: number) => Taken;
  /** Takes what another node was told; a sequence not above the source's last changes nothing and answers false. */
  readonly merge: (told: SourceState<readonly QueueFlow[]>) => boolean;
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

const nobody: readonly LiveCaller[] = [];

/** Who waits by what several sources say. A queue's line is put in order when it is first asked for: a report tells of every queue. */
const linesOf = (sources: readonly (readonly QueueFlow[])[]) => {
  const told = new Map<string, (readonly LiveCaller[])[]>();
  for (const { queue, waiting } of sources.flat()) {
    if (waiting.length === 0) continue;
    const before = told.get(queue);
    if (before === undefined) told.set(queue, [waiting]);
    else before.push(waiting);
  }
  const lines = new Map<string, readonly LiveCaller[]>();
  const of = (queue: string): readonly LiveCaller[] => {
    const line = lines.get(queue) ?? told.get(queue)?.flat().sort(inOrder);
    if (line === undefined) return nobody;
    lines.set(queue, line);
    return line;
  };
  let whole: ReadonlyMap<string, readonly LiveCaller[]> | undefined;
  const all = () => {
    whole ??= new Map([...told.keys()].map((queue) => [queue, of(queue)]));
    return whole;
  };
  return { of, all };
};

const sameInstants = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((at, index) => at === b[index]);

/**
 * `departed` hears the instants at which interactions left a queue when there are new ones, those that it heard of before among them.
 * See `reportSources` for `clockSpeed`.
 */
export const flowView = (departed: (source: string, flow: QueueFlow) => void = () => {}, clockSpeed = 1): FlowView => {
  const sources = reportSources<readonly QueueFlow[]>(clockSpeed);
  const byQueue = whileHeard(sources.nextSilence, (now) => linesOf(sources.heard(now)));
  const heard = whileHeard(sources.nextSilence, (now) => sources.heard(now).length > 0);
  const changed = (source: string, before: readonly QueueFlow[] | undefined): void => {
    const instants = new Map(before?.map(({ queue, distributedAt }) => [queue, distributedAt]));
    for (const flow of sources.stateOf(source) ?? [])
      if (!sameInstants(flow.distributedAt, instants.get(flow.queue) ?? [])) departed(source, flow);
    byQueue.changed();
    heard.changed();
  };
  return {
    report: (report, now) => {
      const before = sources.stateOf(report.source);
      const taken = sources.report(report, now, (known) => foldFlow(known, report, now));
      if (taken === 'TAKEN') changed(report.source, before);
      return taken;
    },
    merge: (told) => {
      const before = sources.stateOf(told.source);
      const isNew = sources.put(told);
      if (isNew) changed(told.source, before);
      return isNew;
    },
    sequences: sources.sequences,
    forgottenBefore: sources.forgottenBefore,
    waiting: (queue, now) => byQueue.at(now).of(queue),
    lines: (now) => byQueue.at(now).all(),
    isHeard: heard.at,
    nextSilence: sources.nextSilence,
  };
};
