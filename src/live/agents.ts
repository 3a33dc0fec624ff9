import { z } from 'zod';
import type { AgentGroup } from '../domain/dispatch/matching.ts';
import type { LiveView } from './live-view.ts';

/** Silence of a source after which its agents count as not ready (7.1). */
export const SILENCE_MS = 30_000;

/** Text that any store can hold. */
const word = z
  .string()
  .max(128)
  .regex(/^[^\0\p{Cs}]*$/u, 'must be well-formed Unicode without NUL');

export const agentState = z.enum(['READY', 'BUSY', 'AWAY', 'OUT']);
export const agentReport = z.strictObject({
  source: word.min(1),
  sequence: z.int().min(0),
  full: z.boolean().default(true),
  agents: z
    .array(
      z.strictObject({
        id: word.min(1),
        state: agentState,
        queues: z.array(word).max(2000).default([]),
        skills: z.record(word, z.number()).default({}),
      }),
    )
    .max(20_000)
    .check(({ value, issues }) => {
      const seen = new Set<string>();
      for (const [index, { id }] of value.entries()) {
        if (seen.has(id)) issues.push({ code: 'custom', path: [index, 'id'], message: 'is there twice', input: id });
        seen.add(id);
      }
    }),
});
export type AgentReport = z.output<typeof agentReport>;
type Reported = AgentReport['agents'][number];
type Agent = Reported & { readonly reportedAt: number };

/**
 * What changed of a source since the sequence that a view knows, as another node kept it. Instants are epoch ms; all agents of the source
 * were reported at `fullAt`, those that changed since at their own `reportedAt`.
 */
export type AgentChanges = {
  readonly source: string;
  readonly sequence: number;
  readonly heardAt: number;
  readonly fullAt: number;
  readonly agents: readonly Agent[];
};

/** What the contact center says of its agents: its truth, kept in memory and not in the log. */
export type AgentsView = LiveView & {
  /** Takes a report at `now` (epoch ms); a sequence not above the source's last changes nothing and answers false. */
  readonly report: (report: AgentReport, now: number) => boolean;
  /** Takes what other nodes were told; likewise. */
  readonly merge: (changes: AgentChanges) => boolean;
  /** The last sequence of each source. */
  readonly sequences: () => ReadonlyMap<string, number>;
  /** Ready agents of sources heard within the last 30 s, grouped by identical queues. */
  readonly groups: (now: number) => readonly AgentGroup[];
  /** When the next source falls silent (epoch ms); undefined when none is heard. */
  readonly nextSilence: (now: number) => number | undefined;
};

type Source = { sequence: number; heardAt: number; agents: Map<string, Agent> };

/** `clockSpeed` stretches the silence on a clock that runs fast, for the reports come over a network that doesn't. */
export const agentsView = (clockSpeed = 1): AgentsView => {
  const sources = new Map<string, Source>();
  /** When each agent was connected last, until a later report: one that was made before says nothing of it. */
  const connectedAt = new Map<string, number>();
  const silenceMs = SILENCE_MS * clockSpeed;
  /** The groups hold from when they were made until something changes or a source falls silent. */
  let made: { readonly from: number; readonly until: number; readonly groups: readonly AgentGroup[] } | undefined;
  const heard = (source: Source, now: number) => now - source.heardAt < silenceMs;

  const known = (agent: Agent): Agent => {
    const connected = connectedAt.get(agent.id);
    if (connected === undefined) return agent;
    if (agent.reportedAt <= connected) return { ...agent, state: 'BUSY' };
    connectedAt.delete(agent.id);
    return agent;
  };
  const take = (name: string, source: Source): void => {
    sources.set(name, source);
    made = undefined;
  };
  const nextSilence = (now: number): number | undefined => {
    const ends = [...sources.values()].filter((source) => heard(source, now)).map((source) => source.heardAt + silenceMs);
    return ends.length === 0 ? undefined : Math.min(...ends);
  };
  const grouped = (now: number): readonly AgentGroup[] => {
    const groups = new Map<string, { queues: ReadonlySet<string>; ready: number }>();
    for (const source of sources.values()) {
      if (!heard(source, now)) continue;
      for (const { state, queues } of source.agents.values()) {
        if (state !== 'READY') continue;
        const key = JSON.stringify([...queues].sort());
        const group = groups.get(key);
        if (group === undefined) groups.set(key, { queues: new Set(queues), ready: 1 });
        else group.ready++;
      }
    }
    return [...groups.values()];
  };

  return {
    name: 'agents',
    report: ({ source, sequence, full, agents }, now) => {
      const before = sources.get(source);
      if (before !== undefined && sequence <= before.sequence) return false;
      const all = full || before === undefined ? new Map<string, Agent>() : before.agents;
      for (const agent of agents) {
        all.set(agent.id, { ...agent, reportedAt: now });
        connectedAt.delete(agent.id);
      }
      take(source, { sequence, heardAt: now, agents: all });
      return true;
    },
    merge: ({ source, sequence, heardAt, fullAt, agents }) => {
      const before = sources.get(source);
      if (before !== undefined && sequence <= before.sequence) return false;
      const all = new Map(before?.agents);
      for (const agent of agents) all.set(agent.id, agent);
      for (const [id, agent] of all) all.set(id, known({ ...agent, reportedAt: Math.max(agent.reportedAt, fullAt) }));
      take(source, { sequence, heardAt, agents: all });
      return true;
    },
    sequences: () => new Map([...sources].map(([name, { sequence }]) => [name, sequence])),
    groups: (now) => {
      if (made === undefined || now < made.from || now >= made.until)
        made = { from: now, until: nextSilence(now) ?? Number.POSITIVE_INFINITY, groups: grouped(now) };
      return made.groups;
    },
    nextSilence,
    /** A connection makes that agent not ready at once; only a later report makes him ready again (7.2). */
    apply: ({ type, data }) => {
      if (type !== 'CallbackConnected' || data.agentId === null) return;
      const at = Date.parse(data.at);
      connectedAt.set(data.agentId, at);
      for (const { agents } of sources.values()) {
        const agent = agents.get(data.agentId);
        if (agent !== undefined && agent.reportedAt <= at) agents.set(agent.id, { ...agent, state: 'BUSY' });
      }
      made = undefined;
    },
  };
};
