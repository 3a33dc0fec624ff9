import type { AgentGroup } from '../../../src/domain/dispatch/matching.ts';

/** Every ready agent on its own, with the queues that it may take. */
export const agentsOf = (groups: readonly AgentGroup[]): ReadonlySet<string>[] =>
  groups.flatMap(({ queues, ready }) => Array.from({ length: ready }, () => queues));

/** Whether every one of these attempts can have an agent of its own, by Hall's condition over all sets of queues. */
export const fitsAll = (attempts: readonly string[], groups: readonly AgentGroup[]): boolean => {
  const names = [...new Set(attempts)];
  const agents = agentsOf(groups);
  for (let set = 1; set < 2 ** names.length; set++) {
    const chosen = new Set(names.filter((_, index) => (set >> index) & 1));
    const wanted = attempts.filter((queue) => chosen.has(queue)).length;
    if (wanted > agents.filter((queues) => [...queues].some((queue) => chosen.has(queue))).length) return false;
  }
  return true;
};

/** The most of these attempts that can have agents of their own at once, by trying every choice. */
export const mostThatFit = (attempts: readonly string[], groups: readonly AgentGroup[]): number => {
  let most = 0;
  for (let set = 0; set < 2 ** attempts.length; set++) {
    const chosen = attempts.filter((_, index) => (set >> index) & 1);
    if (chosen.length > most && fitsAll(chosen, groups)) most = chosen.length;
  }
  return most;
};
