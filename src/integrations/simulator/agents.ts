import type { Shift } from './shifts.ts';

export type AgentState = 'READY' | 'BUSY' | 'AWAY' | 'OUT';

/** An agent as configured. `'all'` serves every queue; without shifts the agent works around the clock. */
export type AgentSettings = {
  readonly id: string;
  readonly queues: readonly string[] | 'all';
  readonly skills?: Readonly<Record<string, number>>;
  readonly shifts?: readonly Shift[];
};

/** An agent at work: the state, since when (epoch ms), and how long each state has lasted before that (ms). */
export type Agent = AgentSettings & {
  readonly state: AgentState;
  readonly since: number;
  readonly spentMs: Readonly<Record<AgentState, number>>;
  readonly calls: number;
};

/** How an agent's time was spent so far, in ms, and how many customers the agent spoke to. */
export type AgentOccupancy = {
  readonly id: string;
  readonly state: AgentState;
  readonly readyMs: number;
  readonly busyMs: number;
  readonly awayMs: number;
  readonly outMs: number;
  readonly calls: number;
};

/** `count` agents on every queue around the clock. */
export const agentsOnEveryQueue = (count: number): readonly AgentSettings[] =>
  Array.from({ length: count }, (_, i) => ({ id: `agent-${String(i + 1).padStart(2, '0')}`, queues: 'all' }));

export const agentAt = (settings: AgentSettings, state: AgentState, now: number): Agent => ({
  ...settings,
  state,
  since: now,
  spentMs: { READY: 0, BUSY: 0, AWAY: 0, OUT: 0 },
  calls: 0,
});

/** The agent in another state from `now` on; going BUSY counts a call. */
export const inState = (agent: Agent, state: AgentState, now: number): Agent => ({
  ...agent,
  state,
  since: now,
  spentMs: { ...agent.spentMs, [agent.state]: agent.spentMs[agent.state] + now - agent.since },
  calls: agent.calls + (state === 'BUSY' ? 1 : 0),
});

export const occupancyOf = (agent: Agent, now: number): AgentOccupancy => {
  const { READY, BUSY, AWAY, OUT } = inState(agent, agent.state, now).spentMs;
  return { id: agent.id, state: agent.state, readyMs: READY, busyMs: BUSY, awayMs: AWAY, outMs: OUT, calls: agent.calls };
};

export const serves = (agent: AgentSettings, queue: string): boolean => agent.queues === 'all' || agent.queues.includes(queue);

/** The agent who takes the next customer of `queue`: of those ready, the one who has been so longest. */
export const nextReady = (agents: Iterable<Agent>, queue: string): Agent | undefined => {
  let longest: Agent | undefined;
  for (const agent of agents)
    if (agent.state === 'READY' && serves(agent, queue) && (longest === undefined || agent.since < longest.since)) longest = agent;
  return longest;
};
