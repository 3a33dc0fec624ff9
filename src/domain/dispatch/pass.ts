import { heapOf } from '../kit/heap.ts';
import { type AgentGroup, matcher } from './matching.ts';
import { compareStanding, type Standing } from './order.ts';

/** A queue's line as a pass reads it: in order, from its head, no further than it needs. `pacing` is the share of ready agents to use. */
export type Line<T> = {
  readonly queue: string;
  readonly pacing: number;
  readonly inOrder: Iterator<{ readonly standing: Standing; readonly callback: T }>;
};

/** Live callers of a queue, in order: each takes the agent who would be his, and no attempt is made for that agent. */
export type LiveLine = { readonly queue: string; readonly inOrder: Iterator<Standing> };

/** What the pass decided, and on what: ready agents of the queue, and before this one its attempts in flight and live callers who came first. */
export type Admitted<T> = {
  readonly queue: string;
  readonly callback: T;
  readonly readyAgents: number;
  readonly inFlight: number;
  readonly liveCallers: number;
};

/** Why the head of a line that is left was not admitted: nobody ready is left for it, or its queue uses its share of them. */
export type HeldBy = 'NO_AGENT' | 'PACING';

/** `heldBack`: by queue, the first in line who was not admitted, and why. */
export type Pass<T> = {
  readonly admitted: readonly Admitted<T>[];
  readonly heldBack: ReadonlyMap<string, { readonly callback: T; readonly by: HeldBy }>;
};

type Head<T> = { readonly queue: string; readonly standing: Standing } & (
  | { readonly line: Line<T>; readonly callback: T; readonly live?: never }
  | { readonly live: LiveLine; readonly line?: never }
);

const readyOf = (groups: readonly AgentGroup[]): ReadonlyMap<string, number> => {
  const ready = new Map<string, number>();
  for (const group of groups) for (const queue of group.queues) ready.set(queue, (ready.get(queue) ?? 0) + group.ready);
  return ready;
};

const headOf = <T>(line: Line<T>): Head<T> | undefined => {
  const next = line.inOrder.next();
  return next.done ? undefined : { queue: line.queue, line, ...next.value };
};
const callerOf = <T>(live: LiveLine): Head<T> | undefined => {
  const next = live.inOrder.next();
  return next.done ? undefined : { queue: live.queue, live, standing: next.value };
};

/**
 * One matching pass over all queues (7.2): heads are taken in the order of 7.3 across queues, live callers among them, each admitted while
 * every attempt in flight and every caller before it can still have a ready agent of its own. Costs by what is admitted and by the number
 * of queues and groups, not by who waits.
 */
export const dispatchPass = <T>(
  groups: readonly AgentGroup[],
  inFlight: ReadonlyMap<string, number>,
  lines: readonly Line<T>[],
  liveLines: readonly LiveLine[] = [],
): Pass<T> => {
  const fits = matcher(groups);
  const ready = readyOf(groups);
  const flying = new Map(inFlight);
  const callers = new Map<string, number>();
  for (const [queue, count] of inFlight) for (let i = 0; i < count && fits(queue); i++);

  const heads = heapOf<Head<T>>((a, b) => compareStanding(a.standing, b.standing));
  const push = (head: Head<T> | undefined): void => {
    if (head !== undefined) heads.push(head);
  };
  for (const line of lines) push(headOf(line));
  for (const live of liveLines) push(callerOf(live));

  const admitted: Admitted<T>[] = [];
  const heldBack = new Map<string, { readonly callback: T; readonly by: HeldBy }>();
  for (let head = heads.pop(); head !== undefined; head = heads.pop()) {
    const { queue } = head;
    if (head.live !== undefined) {
      if (!fits(queue)) continue; // everybody behind needs the same agents
      callers.set(queue, (callers.get(queue) ?? 0) + 1);
      push(callerOf(head.live));
      continue;
    }
    const [before, readyAgents] = [flying.get(queue) ?? 0, ready.get(queue) ?? 0];
    const isPaced = before >= Math.ceil(readyAgents * head.line.pacing);
    if (isPaced || !fits(queue)) {
      heldBack.set(queue, { callback: head.callback, by: isPaced && before < readyAgents ? 'PACING' : 'NO_AGENT' });
      continue;
    }
    flying.set(queue, before + 1);
    admitted.push({ queue, callback: head.callback, readyAgents, inFlight: before, liveCallers: callers.get(queue) ?? 0 });
    push(headOf(head.line));
  }
  return { admitted, heldBack };
};
