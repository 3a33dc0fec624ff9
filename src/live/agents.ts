import type { AgentProfile, ReadyAgents } from '../domain/dispatch/eligible.ts';
import { type AgentReport, MOST_AGENTS } from './agent-report.ts';
import { FORGOTTEN_MS, MOST_SOURCES, SILENCE_MS } from './kit/silence.ts';
import type { Taken } from './kit/taken.ts';
import type { LiveView } from './live-view.ts';

export { SILENCE_MS } from './kit/silence.ts';

/** Agents who were connected and of whom no report came since, a bound far above any contact center's. */
const MOST_CONNECTED = 5 * MOST_AGENTS;

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
  /** Takes a report at `now` (epoch ms). */
  readonly report: (report: AgentReport, now: number) => Taken;
  /** Takes what other nodes were told; a sequence not above the source's last changes nothing and answers false. */
  readonly merge: (changes: AgentChanges) => boolean;
  /** The last sequence of each source that isn't forgotten at `now` (epoch ms). */
  readonly sequences: (now: number) => ReadonlyMap<string, number>;
  /** Sources heard last before this instant (epoch ms) are forgotten at `now`. */
  readonly forgottenBefore: (now: number) => number;
  /** Ready agents of sources heard within the last 30 s, grouped by identical queues and skills. A profile stays the same object while somebody of it is ready. */
  readonly groups: (now: number) => readonly ReadyAgents[];
  /** Agents of a queue who are logged in, ready or not, by sources heard within the last 30 s; undefined while none is heard. */
  readonly loggedIn: (queue: string, now: number) => number | undefined;
  /** When the next source falls silent (epoch ms); undefined when none is heard. */
  readonly nextSilence: (now: number) => number | undefined;
};

type Profiled = Agent & { readonly profileKey: string };
/** `present` counts the agents of each queue who aren't OUT, `ready` those who are READY by their profile. */
type Source = {
  sequence: number;
  heardAt: number;
  agents: Map<string, Profiled>;
  present: Map<string, number>;
  ready: Map<string, { readonly profile: AgentProfile; count: number }>;
};
type Counted = Pick<Source, 'agents' | 'present' | 'ready'>;

const nobody = (): Counted => ({ agents: new Map(), present: new Map(), ready: new Map() });
const copyOf = ({ agents, present, ready }: Counted): Counted => ({
  agents: new Map(agents),
  present: new Map(present),
  ready: new Map([...ready].map(([key, { profile, count }]) => [key, { profile, count }])),
});

/** Equal for equal queues and skills, in whatever order. */
const profileKeyOf = ({ queues, skills }: Agent): string =>
  JSON.stringify([[...new Set(queues)].sort(), Object.entries(skills).sort(([a], [b]) => (a < b ? -1 : 1))]);

const countReady = ({ ready }: Counted, { state, queues, skills, profileKey }: Profiled, by: 1 | -1): void => {
  if (state !== 'READY') return;
  const known = ready.get(profileKey) ?? { profile: { queues: new Set(queues), skills }, count: 0 };
  known.count += by;
  if (known.count === 0) ready.delete(profileKey);
  else ready.set(profileKey, known);
};

/** Puts an agent in the place of what was known of him; one who is out is as one of whom nobody told. */
const put = (source: Counted, agent: Agent): void => {
  const { agents, present } = source;
  const count = (one: Profiled | undefined, by: 1 | -1): void => {
    if (one === undefined || one.state === 'OUT') return;
    for (const queue of new Set(one.queues)) present.set(queue, (present.get(queue) ?? 0) + by);
    countReady(source, one, by);
  };
  const before = agents.get(agent.id);
  const isAlike = before !== undefined && before.queues === agent.queues && before.skills === agent.skills;
  const after = { ...agent, profileKey: isAlike ? before.profileKey : profileKeyOf(agent) };
  count(before, -1);
  count(after, 1);
  if (agent.state === 'OUT') agents.delete(agent.id);
  else agents.set(agent.id, after);
};
/** How many agents of a source aren't out after a report of some. */
const countAfter = ({ agents }: Counted, told: readonly Reported[]): number => {
  let count = agents.size;
  for (const { id, state } of told) if (agents.has(id) !== (state !== 'OUT')) count += state === 'OUT' ? -1 : 1;
  return count;
};
/** Whoever is connected is busy, unless he is out. */
const busy = (agent: Agent): Agent => (agent.state === 'OUT' ? agent : { ...agent, state: 'BUSY' });

/** `clockSpeed` stretches the silence on a clock that runs fast, for the reports come over a network that doesn't. */
export const agentsView = (clockSpeed = 1): AgentsView => {
  const sources = new Map<string, Source>();
  /** When each agent was connected last, until a later report: one that was made before says nothing of it. */
  const connectedAt = new Map<string, number>();
  const silenceMs = SILENCE_MS * clockSpeed;
  /** The groups hold from when they were made until something changes or a source falls silent. */
  let made: { readonly from: number; readonly until: number; readonly groups: readonly ReadyAgents[] } | undefined;
  const forgottenBefore = (now: number): number => now - FORGOTTEN_MS * clockSpeed;
  const forget = (now: number): void => {
    for (const [name, { heardAt }] of sources) if (heardAt < forgottenBefore(now)) sources.delete(name);
  };
  const connects = (agentId: string, at: number): void => {
    connectedAt.delete(agentId);
    connectedAt.set(agentId, at);
    const [first] = connectedAt.size > MOST_CONNECTED ? connectedAt.keys() : [];
    if (first !== undefined) connectedAt.delete(first);
  };
  const heard = (source: Source, now: number) => now - source.heardAt < silenceMs;

  const known = (agent: Agent): Agent => {
    const connected = connectedAt.get(agent.id);
    if (connected === undefined) return agent;
    if (agent.reportedAt <= connected) return busy(agent);
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
  const grouped = (now: number): readonly ReadyAgents[] => {
    const groups = new Map<string, { readonly profile: AgentProfile; ready: number }>();
    for (const source of sources.values()) {
      if (!heard(source, now)) continue;
      for (const [key, { profile, count }] of source.ready) {
        const group = groups.get(key);
        if (group === undefined) groups.set(key, { profile, ready: count });
        else group.ready += count;
      }
    }
    return [...groups.values()];
  };

  return {
    name: 'agents',
    report: ({ source, sequence, full, agents }, now) => {
      forget(now);
      const before = sources.get(source);
      if (before === undefined && sources.size >= MOST_SOURCES) return 'TOO_MANY_SOURCES';
      if (before !== undefined && sequence <= before.sequence) return 'STALE';
      const all = full || before === undefined ? nobody() : before;
      if (countAfter(all, agents) > MOST_AGENTS) return 'TOO_MUCH';
      for (const agent of agents) {
        put(all, { ...agent, reportedAt: now });
        connectedAt.delete(agent.id);
      }
      take(source, { ...all, sequence, heardAt: now });
      return 'TAKEN';
    },
    merge: ({ source, sequence, heardAt, fullAt, agents }) => {
      const before = sources.get(source);
      if (before !== undefined && sequence <= before.sequence) return false;
      const all = before === undefined ? nobody() : copyOf(before);
      for (const agent of agents) put(all, agent);
      for (const agent of [...all.agents.values()]) put(all, known({ ...agent, reportedAt: Math.max(agent.reportedAt, fullAt) }));
      take(source, { ...all, sequence, heardAt });
      return true;
    },
    sequences: (now) => {
      forget(now);
      return new Map([...sources].map(([name, { sequence }]) => [name, sequence]));
    },
    forgottenBefore,
    groups: (now) => {
      if (made === undefined || now < made.from || now >= made.until)
        made = { from: now, until: nextSilence(now) ?? Number.POSITIVE_INFINITY, groups: grouped(now) };
      return made.groups;
    },
    loggedIn: (queue, now) => {
      const told = [...sources.values()].filter((source) => heard(source, now));
      return told.length === 0 ? undefined : told.reduce((sum, { present }) => sum + (present.get(queue) ?? 0), 0);
    },
    nextSilence,
    /** A connection makes that agent not ready at once; only a later report makes him ready again (7.2). */
    apply: ({ type, data }) => {
      if (type !== 'CallbackConnected' || data.agentId === null) return;
      const at = Date.parse(data.at);
      connects(data.agentId, at);
      for (const source of sources.values()) {
        const agent = source.agents.get(data.agentId);
        if (agent !== undefined && agent.reportedAt <= at) put(source, busy(agent));
      }
      made = undefined;
    },
  };
};
