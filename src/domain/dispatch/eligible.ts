import type { Skills } from '../rules/skill-expression.ts';
import type { AgentGroup } from './matching.ts';

/** What agents share who are alike to dispatch: the queues that they serve, and their skills. */
export type AgentProfile = { readonly queues: ReadonlySet<string>; readonly skills: Skills };
export type ReadyAgents = { readonly profile: AgentProfile; readonly ready: number };

/** Whether an agent with these skills may take callbacks of a queue. */
export type Asks = (queue: string) => (skills: Skills) => boolean;

/** The queues of an agent whose callbacks he may take (2.2), and a text that is equal for equal ones. */
export type Eligible = { readonly queues: ReadonlySet<string>; readonly key: string };

/** Which of their queues agents of a profile may take callbacks of. */
export const eligibleQueues = ({ queues, skills }: AgentProfile, asks: Asks): Eligible => {
  const taken = [...queues].filter((queue) => asks(queue)(skills)).sort();
  return { queues: new Set(taken), key: JSON.stringify(taken) };
};

/** Ready agents, grouped by the queues that they may take callbacks of; those who may take none are left out. */
export const agentGroups = (agents: readonly ReadyAgents[], eligible: (profile: AgentProfile) => Eligible): readonly AgentGroup[] => {
  const groups = new Map<string, { readonly queues: ReadonlySet<string>; ready: number }>();
  for (const { profile, ready } of agents) {
    const { queues, key } = eligible(profile);
    if (queues.size === 0) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { queues, ready });
    else group.ready += ready;
  }
  return [...groups.values()];
};
