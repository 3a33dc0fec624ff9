import { iso } from '../../../../src/clock.ts';
import { emptyFloor, instantOf, priorityOf, type Waiting } from './floor.ts';
import { couldBeCalled } from './idle.ts';
import { type AboutAgents, knownAgents } from './known-agents.ts';

/**
 * What the log has against the order of 7.3, a sentence a fault: somebody was decided for while another waited who came before him, by effective
 * priority and then by entry, and who could have been called with the agents who were surely ready.
 */
export const orderFaults = (about: AboutAgents): readonly string[] => {
  const agentsAt = knownAgents(about);
  const floor = emptyFloor();
  const faults: string[] = [];
  for (const fact of about.facts) {
    const chosen = fact.type === 'AttemptDecided' ? floor.waiting.get(String(fact.data.callbackId)) : undefined;
    if (chosen !== undefined) {
      const at = instantOf(fact);
      const isBefore = (one: Waiting): boolean => {
        const ahead = priorityOf(floor, one, at) - priorityOf(floor, chosen, at);
        return ahead > 0 || (ahead === 0 && one.enteredAt < chosen.enteredAt);
      };
      const agents = agentsAt(at) ?? [];
      const passed = [...floor.waiting.values()].find((one) => isBefore(one) && couldBeCalled(floor, agents, one.queue));
      if (passed !== undefined) faults.push(`at ${iso(at)} ${chosen.id} was decided for, and ${passed.id} came before`);
    }
    floor.take(fact);
  }
  return faults;
};
