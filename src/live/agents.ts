import type { ReadyAgents } from '../domain/dispatch/eligible.ts';
import { type AgentReport, MOST_AGENTS } from './agent-report.ts';
import { joinAgent, saysSame } from './joined-agent.ts';
import { agentCounts } from './kit/agent-counts.ts';
import { connectedAgents } from './kit/connected-agents.ts';
import { FORGOTTEN_MS, MOST_SOURCES, SILENCE_MS } from './kit/silence.ts';
import type { Taken } from './kit/taken.ts';
import type { LiveView } from './live-view.ts';
import { unnamedConnections } from './unnamed-connections.ts';

export { SILENCE_MS } from './kit/silence.ts';

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

/**
 * What the contact center says of its agents: its truth, kept in memory and not in the log. An id is one agent, however many sources tell
 * of him.
 */
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
  /** Agents of each queue who were connected, and of whom it isn't known who they are: as many as are ready have a call all the same. */
  readonly unnamed: (now: number) => ReadonlyMap<string, number>;
  /** When somebody may be free because a source falls silent that keeps him from it (epoch ms); undefined where none can. */
  readonly mayBeFreeAt: (now: number) => number | undefined;
  /** Takes over a connection that was folded before: only what is said of the agent after it, `at` epoch ms, makes him ready. */
  readonly seed: (agentId: string, at: number) => void;
};

/** `agents`: those who aren't out. */
type Source = { readonly sequence: number; readonly heardAt: number; readonly agents: Map<string, Agent> };

/** How many agents of a source aren't out after a report of some. */
const countAfter = (agents: ReadonlyMap<string, Agent>, told: readonly Reported[]): number => {
  let count = agents.size;
  for (const { id, state } of told) if (agents.has(id) !== (state !== 'OUT')) count += state === 'OUT' ? -1 : 1;
  return count;
};
/** `clockSpeed` stretches the silence on a clock that runs fast, for the reports come over a network that doesn't. */
export const agentsView = (clockSpeed = 1): AgentsView => {
  const sources = new Map<string, Source>();
  const silenceMs = SILENCE_MS * clockSpeed;
  /** The groups hold from when they were made until something changes or a source falls silent. */
  let made: { readonly from: number; readonly until: number; readonly groups: readonly ReadyAgents[] } | undefined;
  const forgottenBefore = (now: number): number => now - FORGOTTEN_MS * clockSpeed;
  const forget = (now: number): void => {
    for (const [name, { heardAt }] of sources) if (heardAt < forgottenBefore(now)) drop(name);
  };
  const heard = ({ heardAt }: Source, now: number) => now - heardAt < silenceMs;
  const counts = agentCounts();
  const connections = connectedAgents();
  const unnamed = unnamedConnections();
  /** Sources whose agents are counted. */
  const counted = new Set<string>();

  const recount = (id: string): void => {
    const told = [...counted].flatMap((name) => sources.get(name)?.agents.get(id) ?? []);
    const joined = joinAgent(told);
    counts.put(id, joined && { ...joined, ready: joined.ready && !connections.has(id) });
    made = undefined;
  };
  /** Counts those sources that are heard at `now`, and no others. */
  const settle = (now: number): void => {
    for (const [name, source] of sources) {
      if (heard(source, now) === counted.has(name)) continue;
      if (counted.has(name)) counted.delete(name);
      else counted.add(name);
      for (const id of source.agents.keys()) recount(id);
    }
  };
  const drop = (name: string): void => {
    const agents = sources.get(name)?.agents ?? new Map();
    sources.delete(name);
    unnamed.told(name);
    if (counted.delete(name)) for (const id of agents.keys()) recount(id);
  };
  /** Takes what a source says now; `ids` are those of whom it says other than before. */
  const take = (name: string, source: Source, ids: Iterable<string>): void => {
    sources.set(name, source);
    unnamed.told(name);
    const all = new Set(counted.has(name) ? ids : [...ids, ...source.agents.keys()]);
    counted.add(name);
    for (const id of all) recount(id);
    made = undefined;
  };
  const put = (agents: Map<string, Agent>, agent: Agent): void => {
    if (agent.state === 'OUT') agents.delete(agent.id);
    else agents.set(agent.id, agent);
  };
  const nextSilence = (now: number): number | undefined => {
    const ends = [...sources.values()].filter((source) => heard(source, now)).map((source) => source.heardAt + silenceMs);
    return ends.length === 0 ? undefined : Math.min(...ends);
  };
  const connect = (agentId: string, at: number): void => {
    const isToldAfter = ({ agents }: Source): boolean => (agents.get(agentId)?.reportedAt ?? at) > at;
    if ([...sources.values()].some(isToldAfter)) return;
    connections.connected(agentId, at);
    recount(agentId);
  };
  const unnamedAt = (now: number) => {
    const heardNow = new Set([...sources].flatMap(([name, source]) => (heard(source, now) ? [name] : [])));
    return { heardNow, counts: unnamed.counts((name) => heardNow.has(name)) };
  };

  return {
    name: 'agents',
    report: ({ source, sequence, full, agents }, now) => {
      forget(now);
      const before = sources.get(source);
      if (before === undefined && sources.size >= MOST_SOURCES) return 'TOO_MANY_SOURCES';
      if (before !== undefined && sequence <= before.sequence) return 'STALE';
      const all: Map<string, Agent> = full || before === undefined ? new Map() : before.agents;
      if (countAfter(all, agents) > MOST_AGENTS) return 'TOO_MUCH';
      const changed: string[] = [];
      for (const agent of agents) {
        const was = before?.agents.get(agent.id);
        put(all, { ...agent, reportedAt: now });
        const isFreed = agent.state === 'READY' && connections.toldReady(agent.id); // it came after, also in the same millisecond
        if (isFreed || was === undefined || !saysSame(was, agent)) changed.push(agent.id);
      }
      for (const id of before?.agents.keys() ?? []) if (!all.has(id)) changed.push(id);
      take(source, { agents: all, sequence, heardAt: now }, changed);
      return 'TAKEN';
    },
    merge: ({ source, sequence, heardAt, fullAt, agents }) => {
      const before = sources.get(source);
      if (before !== undefined && sequence <= before.sequence) return false;
      const all = new Map(before?.agents);
      const changed = agents.map(({ id }) => id);
      for (const agent of agents) put(all, agent);
      for (const agent of all.values()) {
        const told = { ...agent, reportedAt: Math.max(agent.reportedAt, fullAt) };
        if (told.state === 'READY' && connections.toldReady(told.id, told.reportedAt)) changed.push(told.id);
        all.set(agent.id, told);
      }
      take(source, { agents: all, sequence, heardAt }, changed);
      return true;
    },
    sequences: (now) => {
      forget(now);
      return new Map([...sources].map(([name, { sequence }]) => [name, sequence]));
    },
    forgottenBefore,
    groups: (now) => {
      if (made === undefined || now < made.from || now >= made.until) {
        settle(now);
        made = { from: now, until: nextSilence(now) ?? Number.POSITIVE_INFINITY, groups: counts.ready() };
      }
      return made.groups;
    },
    loggedIn: (queue, now) => {
      settle(now);
      return counted.size === 0 ? undefined : counts.presentIn(queue);
    },
    nextSilence,
    unnamed: (now) => unnamedAt(now).counts,
    mayBeFreeAt: (now) => {
      const { heardNow, counts: missing } = unnamedAt(now);
      return heardNow.size > 1 || missing.size > 0 ? nextSilence(now) : undefined;
    },
    seed: connect,
    /** A connection makes that agent not ready at once; only a later report makes him ready again (7.2). */
    apply: ({ type, data }) => {
      if (type !== 'CallbackConnected') return;
      const [{ queue, agentId }, at] = [data, Date.parse(data.at)];
      if (agentId !== null) return connect(agentId, at);
      const isReadyHere = ({ agents, heardAt }: Source): boolean =>
        heardAt <= at && [...agents.values()].some(({ state, queues }) => state === 'READY' && queues.includes(queue));
      const told = [...sources].flatMap(([name, source]) => (isReadyHere(source) ? [name] : []));
      unnamed.connected(queue, told);
    },
  };
};
