import type { Fact } from '../../../crash/support/facts.ts';
import type { Said } from '../center/agents.ts';
import type { Up } from '../node/nodes.ts';
import { instantOf } from './floor.ts';
import type { Serving } from './matching.ts';

/** A source that says nothing for so long counts as gone. */
export const SILENCE_MS = 30_000;

/** A call that nobody says who has may be anybody's, until the next report. */
const UNNAMED = '';

/** What is known of a run's agents, beside the log. */
export type AboutAgents = { readonly said: readonly Said[]; readonly up: readonly Up[]; readonly facts: readonly Fact[] };

/**
 * The agents of whom the node that answers at `at` (epoch ms) surely knows that they are ready: it was told so by an answered report, heard
 * lately, and nobody was connected to them since. Undefined while no node answers.
 */
export const knownAgents = ({ said, up, facts }: AboutAgents) => {
  const connected = new Map<string, number[]>();
  for (const fact of facts)
    if (fact.type === 'CallbackConnected') {
      const agentId = typeof fact.data.agentId === 'string' ? fact.data.agentId : UNNAMED;
      connected.set(agentId, [...(connected.get(agentId) ?? []), instantOf(fact)]);
    }
  return (at: number): readonly Serving[] | undefined => {
    const node = up.find(({ from, until }) => from <= at && at < until);
    if (node === undefined) return undefined;
    const last = said.findLast(({ sentAt, answeredAt }) => answeredAt <= at && sentAt >= node.from);
    const later = said.findLast(({ sentAt }) => sentAt <= at);
    if (last === undefined || last !== later || at - last.sentAt >= SILENCE_MS) return [];
    const isTaken = (id: string): boolean => (connected.get(id) ?? []).some((instant) => instant >= last.sentAt && instant <= at);
    return isTaken(UNNAMED) ? [] : last.ready.filter(({ id }) => !isTaken(id));
  };
};
