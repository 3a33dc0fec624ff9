import { type AgentGroup, matcher } from './matching.ts';
import { compareStanding, type Standing } from './order.ts';

/** A queue's line as a pass reads it: in order, from its head, no further than it needs. `pacing` is the share of ready agents to use. */
export type Line<T> = {
  readonly queue: string;
  readonly pacing: number;
  readonly inOrder: Iterator<{ readonly standing: Standing; readonly callback: T }>;
};

/** What the pass decided, and on what: ready agents of the queue, and its attempts in flight before this one. */
export type Admitted<T> = { readonly queue: string; readonly callback: T; readonly readyAgents: number; readonly inFlight: number };

/**
 * One matching pass over all queues (7.2): heads are taken in the order of 7.3 across queues, each admitted while every attempt
 * in flight can still have a ready agent of its own. Costs by what is admitted and the number of queues, not by who waits.
 */
export const dispatchPass = <T>(
  groups: readonly AgentGroup[],
  inFlight: ReadonlyMap<string, number>,
  lines: readonly Line<T>[],
): readonly Admitted<T>[] => {
  const fits = matcher(groups);
  const flying = new Map(inFlight);
  for (const [queue, count] of inFlight) for (let i = 0; i < count; i++) fits(queue);

  const readyFor = (queue: string): number => groups.reduce((sum, group) => sum + (group.queues.has(queue) ? group.ready : 0), 0);
  const heads = lines.flatMap((line) => {
    const head = line.inOrder.next();
    return head.done ? [] : [{ line, head: head.value, ready: readyFor(line.queue) }];
  });

  const admitted: Admitted<T>[] = [];
  while (heads.length > 0) {
    heads.sort((a, b) => compareStanding(a.head.standing, b.head.standing));
    const [first] = heads;
    if (first === undefined) break;
    const { line, head, ready } = first;
    const before = flying.get(line.queue) ?? 0;
    if (before >= Math.ceil(ready * line.pacing) || !fits(line.queue)) {
      heads.shift(); // everybody behind needs the same agents
      continue;
    }
    flying.set(line.queue, before + 1);
    admitted.push({ queue: line.queue, callback: head.callback, readyAgents: ready, inFlight: before });
    const next = line.inOrder.next();
    if (next.done) heads.shift();
    else heads[0] = { line, head: next.value, ready };
  }
  return admitted;
};
