import type { AgentProfile, ReadyAgents } from '../../domain/dispatch/eligible.ts';
import type { JoinedAgent } from '../joined-agent.ts';

/** Agents counted as they change: by queue, and those who are ready by what they share. */
export type AgentCounts = {
  /** Puts an agent in the place of what was known of him; undefined: he isn't known any more. */
  readonly put: (id: string, agent: JoinedAgent | undefined) => void;
  readonly presentIn: (queue: string) => number;
  /** Ready agents, grouped by identical queues and skills. A profile stays the same object while somebody of it is ready. */
  readonly ready: () => readonly ReadyAgents[];
};

type Counted = JoinedAgent & { readonly profileKey: string };

/** Equal for equal queues and skills, in whatever order. */
const profileKeyOf = ({ queues, skills }: JoinedAgent): string =>
  JSON.stringify([[...queues].sort(), Object.entries(skills).sort(([a], [b]) => (a < b ? -1 : 1))]);

export const agentCounts = (): AgentCounts => {
  const agents = new Map<string, Counted>();
  const present = new Map<string, number>();
  const ready = new Map<string, { readonly profile: AgentProfile; count: number }>();

  const count = (agent: Counted | undefined, by: 1 | -1): void => {
    if (agent === undefined) return;
    const { queues, skills, profileKey } = agent;
    for (const queue of queues) {
      const now = (present.get(queue) ?? 0) + by;
      if (now === 0) present.delete(queue);
      else present.set(queue, now);
    }
    if (!agent.ready) return;
    const known = ready.get(profileKey) ?? { profile: { queues: new Set(queues), skills }, count: 0 };
    known.count += by;
    if (known.count === 0) ready.delete(profileKey);
    else ready.set(profileKey, known);
  };

  return {
    put: (id, agent) => {
      const after = agent && { ...agent, profileKey: profileKeyOf(agent) };
      count(agents.get(id), -1);
      count(after, 1);
      if (after === undefined) agents.delete(id);
      else agents.set(id, after);
    },
    presentIn: (queue) => present.get(queue) ?? 0,
    ready: () => [...ready.values()].map(({ profile, count }) => ({ profile, ready: count })),
  };
};
