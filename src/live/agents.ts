import { z } from 'zod';
import type { AgentGroup } from '../domain/dispatch/matching.ts';
import type { LiveView } from './live-view.ts';

/** Silence of a source after which its agents count as not ready (7.1). */
export const SILENCE_MS = 30_000;

export const agentState = z.enum(['READY', 'BUSY', 'AWAY', 'OUT']);
export const agentReport = z.strictObject({
  source: z.string().min(1).max(128),
  sequence: z.int().min(0),
  full: z.boolean().default(true),
  agents: z
    .array(
      z.strictObject({
        id: z.string().min(1).max(128),
        state: agentState,
        queues: z.array(z.string().max(128)).max(2000).default([]),
        skills: z.record(z.string(), z.number()).default({}),
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
type Agent = AgentReport['agents'][number] & { readonly reportedAt: number };

/** What the contact center says of its agents: its truth, kept in memory and not in the log. */
export type AgentsView = LiveView & {
  /** Takes a report at `now` (epoch ms); a sequence not above the source's last changes nothing and answers false. */
  readonly report: (report: AgentReport, now: number) => boolean;
  /** Ready agents of sources heard within the last 30 s, grouped by identical queues. */
  readonly groups: (now: number) => readonly AgentGroup[];
  /** When the next source falls silent (epoch ms); undefined when none is heard. */
  readonly nextSilence: (now: number) => number | undefined;
};

type Source = { sequence: number; heardAt: number; agents: Map<string, Agent> };

/** `clockSpeed` stretches the silence on a clock that runs fast, for the reports come over a network that doesn't. */
export const agentsView = (clockSpeed = 1): AgentsView => {
  const sources = new Map<string, Source>();
  const silenceMs = SILENCE_MS * clockSpeed;
  const heard = (source: Source, now: number) => now - source.heardAt < silenceMs;
  return {
    name: 'agents',
    report: ({ source, sequence, full, agents }, now) => {
      const before = sources.get(source);
      if (before !== undefined && sequence <= before.sequence) return false;
      const known = full || before === undefined ? new Map<string, Agent>() : before.agents;
      for (const agent of agents) known.set(agent.id, { ...agent, reportedAt: now });
      sources.set(source, { sequence, heardAt: now, agents: known });
      return true;
    },
    groups: (now) => {
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
    },
    nextSilence: (now) => {
      const ends = [...sources.values()].filter((source) => heard(source, now)).map((source) => source.heardAt + silenceMs);
      return ends.length === 0 ? undefined : Math.min(...ends);
    },
    /** A connection makes that agent not ready at once; only a later report makes him ready again (7.2). */
    apply: ({ type, data }) => {
      if (type !== 'CallbackConnected' || data.agentId === null) return;
      for (const { agents } of sources.values()) {
        const agent = agents.get(data.agentId);
        if (agent !== undefined && agent.reportedAt <= Date.parse(data.at)) agents.set(agent.id, { ...agent, state: 'BUSY' });
      }
    },
  };
};
