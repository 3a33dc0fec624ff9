/** Ready agents with identical queues and skills. `queues` are those that they may take a callback of. */
export type AgentGroup = { readonly queues: ReadonlySet<string>; readonly ready: number };

/**
 * Admits attempts one at a time while every admitted one can have an agent of its own (7.2): a bipartite matching of queues
 * with agent groups, grown along augmenting paths. Answers whether one more attempt of `queue` fits.
 */
export const matcher = (groups: readonly AgentGroup[]): ((queue: string) => boolean) => {
  const used = groups.map(() => new Map<string, number>());
  const total = groups.map(() => 0);

  const move = (group: number, queue: string, by: 1 | -1): void => {
    used[group]?.set(queue, (used[group].get(queue) ?? 0) + by);
    total[group] = (total[group] ?? 0) + by;
  };

  const place = (queue: string, tried: Set<number>): boolean => {
    for (const [index, group] of groups.entries()) {
      if (tried.has(index) || !group.queues.has(queue)) continue;
      tried.add(index);
      if ((total[index] ?? 0) < group.ready) {
        move(index, queue, 1);
        return true;
      }
      for (const [other, count] of used[index] ?? []) {
        if (count > 0 && other !== queue && place(other, tried)) {
          move(index, other, -1);
          move(index, queue, 1);
          return true;
        }
      }
    }
    return false;
  };
  return (queue) => place(queue, new Set());
};
