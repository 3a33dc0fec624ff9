import { iso } from '../../../../src/clock.ts';
import { emptyFloor, type Floor, instantOf, priorityOf, type Waiting } from './floor.ts';
import { couldBeCalled } from './idle.ts';
import { type AboutAgents, knownAgents } from './known-agents.ts';

const copyOf = (floor: Floor): Floor => ({ ...floor, waiting: new Map(floor.waiting), flying: new Map(floor.flying) });

/**
 * What the log has against the order of 7.3, a sentence a fault: somebody was decided for while another waited who came before him, by effective
 * priority and then by entry, and who could have been called with the agents who were surely ready. He could as the instant began, too: a pass
 * may not have seen what else it brought.
 */
export const orderFaults = (about: AboutAgents): readonly string[] => {
  const agentsAt = knownAgents(about);
  const floor = emptyFloor();
  const faults: string[] = [];
  let [instant, before] = [0, copyOf(floor)];
  for (const fact of about.facts) {
    if (instantOf(fact) > instant) [instant, before] = [instantOf(fact), copyOf(floor)];
    const chosen = fact.type === 'AttemptDecided' ? floor.waiting.get(String(fact.data.callbackId)) : undefined;
    if (chosen !== undefined) {
      const at = instantOf(fact);
      const isBefore = (one: Waiting): boolean => {
        const ahead = priorityOf(floor, one, at) - priorityOf(floor, chosen, at);
        return ahead > 0 || (ahead === 0 && one.enteredAt < chosen.enteredAt);
      };
      const agents = agentsAt(at) ?? [];
      const could = (one: Waiting) => [floor, before].every((then) => then.waiting.has(one.id) && couldBeCalled(then, agents, one.queue));
      const passed = [...floor.waiting.values()].find((one) => isBefore(one) && could(one));
      if (passed !== undefined) faults.push(`at ${iso(at)} ${chosen.id} was decided for, and ${passed.id} came before`);
    }
    floor.take(fact);
  }
  return faults;
};
