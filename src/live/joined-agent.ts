import type { AgentReport } from './agent-report.ts';

type Reported = AgentReport['agents'][number];

/** One agent by all that is said of him at present; `ready`: nobody says that he isn't. */
export type JoinedAgent = Pick<Reported, 'queues' | 'skills'> & { readonly ready: boolean };

/** Whether a source says the same of an agent as before. */
export const saysSame = (a: Reported, b: Reported): boolean => {
  const levels = Object.entries(a.skills);
  return (
    a.state === b.state &&
    a.queues.length === b.queues.length &&
    a.queues.every((queue, index) => queue === b.queues[index]) &&
    levels.length === Object.keys(b.skills).length &&
    levels.every(([skill, level]) => b.skills[skill] === level)
  );
};

const joinSkills = (all: readonly Reported['skills'][]): Reported['skills'] => {
  const joined: Record<string, number> = {};
  for (const skills of all)
    for (const [skill, level] of Object.entries(skills))
      joined[skill] = Object.hasOwn(joined, skill) ? Math.min(joined[skill] ?? 0, level) : level;
  return joined;
};

/**
 * What several sources say of the agent of one id, who is one person whoever tells of him (7.1): he serves the queues that any of them names,
 * with the lower level of a skill that they rate differently, and is ready where all of them say so. Who is out by one of them isn't known
 * to it. Undefined where none knows him.
 */
export const joinAgent = (told: readonly Reported[]): JoinedAgent | undefined => {
  const [first, ...others] = told.filter(({ state }) => state !== 'OUT');
  if (first === undefined) return undefined;
  const all = [first, ...others];
  return {
    queues: [...new Set(all.flatMap(({ queues }) => queues))],
    skills: others.length === 0 ? first.skills : joinSkills(all.map(({ skills }) => skills)),
    ready: all.every(({ state }) => state === 'READY'),
  };
};
