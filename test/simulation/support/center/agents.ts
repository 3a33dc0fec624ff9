import type { Clock } from '../../../../src/clock.ts';
import { QUEUES } from '../traffic.ts';
import type { Later } from './later.ts';
import type { Tell } from './tell.ts';

/** A source that says nothing for 30 s counts as gone. */
const BEAT_MS = 20_000;

export type Agent = { readonly id: string; readonly queues: readonly string[]; state: 'READY' | 'BUSY' | 'OUT'; leaves: boolean };
/** What was said of agents: who was ready, when it was sent, and when it was answered (epoch ms). */
export type Said = { readonly sentAt: number; answeredAt: number; readonly ready: readonly Pick<Agent, 'id' | 'queues'>[] };

/** The agents of a contact center, who share two queues, and what it says of them. */
export const agentsDesk = ({ clock, tell, later }: { readonly clock: Clock; readonly tell: Tell; readonly later: Later }) => {
  const said: Said[] = [];
  const faults: string[] = [];
  const agents: Agent[] = [[...QUEUES], [...QUEUES], ['sales'], ['care']].map((queues, n) => ({
    ...{ id: `agent-${n + 1}`, queues, state: 'OUT' as const, leaves: true },
  }));
  let sequence = clock.now();
  let changed = false;
  let saying: Promise<void> | undefined;

  const sayIt = async (): Promise<void> => {
    while (changed && !later.isOver()) {
      changed = false;
      sequence++;
      const ready = agents.filter(({ state }) => state === 'READY').map(({ id, queues }) => ({ id, queues }));
      const one: Said = { sentAt: clock.now(), answeredAt: Number.POSITIVE_INFINITY, ready };
      said.push(one);
      const rows = agents.map(({ id, state, queues }) => ({ id, state, queues }));
      const status = await tell('PUT', '/contact-center/agents', { source: 'pbx', sequence, agents: rows });
      if (status === 200) one.answeredAt = clock.now();
      else if (status !== undefined && status < 500) faults.push(`a report of agents was answered ${status}`);
    }
    saying = undefined;
  };
  /** One report is on its way at a time. */
  const say = (): Promise<void> => {
    changed = true;
    saying ??= sayIt();
    return saying;
  };
  let beating = false;
  /** Nobody is asked for beats while everybody is out. */
  const beat = (): void => {
    beating = agents.some(({ state }) => state !== 'OUT');
    if (!beating) return;
    void say();
    later.after(BEAT_MS, beat);
  };

  return {
    ...{ said, faults, say },
    /** Settles once what is being said now was answered. */
    told: (): Promise<void> => saying ?? Promise.resolve(),
    readyFor: (queue: string): Agent | undefined => agents.find(({ state, queues }) => state === 'READY' && queues.includes(queue)),
    /** The first `count` agents go as soon as they talk to nobody. */
    logOut: (count: number): void => {
      for (const agent of agents.slice(0, count)) {
        agent.leaves = true;
        if (agent.state === 'READY') agent.state = 'OUT';
      }
      void say();
    },
    /** Everybody comes, and is told of one by one, for a customer may wait for him. */
    logIn: (came: (agent: Agent) => void): void => {
      for (const agent of agents) {
        agent.leaves = false;
        if (agent.state !== 'OUT') continue;
        agent.state = 'READY';
        came(agent);
      }
      if (!beating) beat();
    },
  };
};
export type AgentsDesk = ReturnType<typeof agentsDesk>;
