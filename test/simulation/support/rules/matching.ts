/** Agents by the queues that they serve. */
export type Serving = { readonly id: string; readonly queues: readonly string[] };

/** How many attempts of these queues can have an agent each, tried one by one along augmenting paths. */
export const mostServed = (agents: readonly Serving[], attempts: readonly string[]): number => {
  const has = new Map<string, number>();
  const place = (attempt: number, tried: Set<string>): boolean =>
    agents.some(({ id, queues }) => {
      if (tried.has(id) || !queues.includes(attempts[attempt] ?? '')) return false;
      tried.add(id);
      const other = has.get(id);
      if (other !== undefined && !place(other, tried)) return false;
      has.set(id, attempt);
      return true;
    });
  return attempts.filter((_, attempt) => place(attempt, new Set())).length;
};
