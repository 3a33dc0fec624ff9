/** Ready agents who may take callbacks of the same queues. */
export type AgentGroup = { readonly queues: ReadonlySet<string>; readonly ready: number };

/** How a search came to a group: to put `queue` there, whose place in `from` it leaves. */
type Step = { readonly queue: string; readonly from: number | undefined };

const reachOf = (groups: readonly AgentGroup[]): ReadonlyMap<string, readonly number[]> => {
  const reach = new Map<string, number[]>();
  for (const [index, { queues, ready }] of groups.entries()) {
    if (ready === 0) continue;
    for (const queue of queues) {
      const known = reach.get(queue);
      if (known === undefined) reach.set(queue, [index]);
      else known.push(index);
    }
  }
  return reach;
};

/**
 * Admits attempts one at a time while every admitted one can have an agent of its own (7.2): a bipartite matching of queues
 * with agent groups, grown along augmenting paths. Answers whether one more attempt of `queue` fits. Refusals cost no more,
 * all together, than looking at each queue of each group once.
 */
export const matcher = (groups: readonly AgentGroup[]): ((queue: string) => boolean) => {
  const reach = reachOf(groups);
  const used = groups.map(() => new Map<string, number>());
  const free = groups.map(({ ready }) => ready);
  /** Groups from which no path led to a free agent. None ever will: what is placed later stays clear of them. */
  const closed = new Set<number>();

  const count = (group: number, queue: string, by: 1 | -1): void => {
    const counts = used[group];
    const now = (counts?.get(queue) ?? 0) + by;
    if (now === 0) counts?.delete(queue);
    else counts?.set(queue, now);
  };
  const augment = (last: number, steps: ReadonlyMap<number, Step>): void => {
    free[last] = (free[last] ?? 0) - 1;
    for (let group: number | undefined = last; group !== undefined; ) {
      const step = steps.get(group);
      if (step === undefined) return;
      count(group, step.queue, 1);
      if (step.from !== undefined) count(step.from, step.queue, -1);
      group = step.from;
    }
  };

  return (queue) => {
    const steps = new Map<number, Step>();
    const visited: number[] = [];
    const looked = new Set<string>();
    /** Visits the groups that `other` can be put into; answers one with a free agent. */
    const look = (other: string, from: number | undefined): number | undefined => {
      looked.add(other);
      for (const group of reach.get(other) ?? []) {
        if (closed.has(group) || steps.has(group)) continue;
        steps.set(group, { queue: other, from });
        visited.push(group);
        if ((free[group] ?? 0) > 0) return group;
      }
      return undefined;
    };
    let found = look(queue, undefined);
    for (let next = 0; found === undefined && next < visited.length; next++) {
      const group = visited[next] ?? 0;
      for (const other of used[group]?.keys() ?? []) {
        if (looked.has(other)) continue;
        found = look(other, group);
        if (found !== undefined) break;
      }
    }
    if (found !== undefined) augment(found, steps);
    else for (const group of visited) closed.add(group);
    return found !== undefined;
  };
};
