import type { Configuration } from '../domain/configuration/state.ts';
import { type AgentProfile, agentGroups, type Eligible, eligibleQueues, type ReadyAgents } from '../domain/dispatch/eligible.ts';
import type { AgentGroup } from '../domain/dispatch/matching.ts';
import { parseSkillExpression, type Skills } from '../domain/rules/skill-expression.ts';
import type { AgentsView } from './agents.ts';
import { settingsInForce } from './settings-in-force.ts';

const nobody = (): boolean => false;

/**
 * Ready agents at an instant (epoch ms), grouped by the queues whose callbacks they may take (2.2): theirs, where their skills meet the
 * queue's expression. Made anew only when agents or the configuration changed; what a profile may take, only when the configuration did.
 */
export const eligibleAgents = (agents: Pick<AgentsView, 'groups'>, configuration: () => Configuration) => {
  const settings = settingsInForce(configuration);
  let of: { readonly configuration: Configuration; readonly agents: readonly ReadyAgents[] } | undefined;
  let groups: readonly AgentGroup[] = [];
  let known = new WeakMap<AgentProfile, Eligible>();
  let expressions = new Map<string, (skills: Skills) => boolean>();

  const asks = (queue: string) => {
    const text = settings(queue).skillExpression;
    const read = expressions.get(text);
    if (read !== undefined) return read;
    const parsed = parseSkillExpression(text);
    const matches = parsed.ok ? parsed.matches : nobody;
    expressions.set(text, matches);
    return matches;
  };
  const eligible = (profile: AgentProfile): Eligible => {
    const taken = known.get(profile) ?? eligibleQueues(profile, asks);
    known.set(profile, taken);
    return taken;
  };

  return (now: number): readonly AgentGroup[] => {
    const [current, ready] = [configuration(), agents.groups(now)];
    if (of?.configuration !== current) {
      known = new WeakMap();
      expressions = new Map();
    }
    if (of?.configuration !== current || of.agents !== ready) groups = agentGroups(ready, eligible);
    of = { configuration: current, agents: ready };
    return groups;
  };
};
