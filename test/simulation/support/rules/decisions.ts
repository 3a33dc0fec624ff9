import { z } from 'zod';
import type { Fact } from '../../../crash/support/facts.ts';
import type { Said } from '../center/agents.ts';
import { emptyFloor, flyingOf, instantOf, pacingOf } from './floor.ts';

const decided = z.object({
  queue: z.string(),
  callbackId: z.string(),
  attemptId: z.string(),
  basedOn: z.object({ readyAgents: z.int(), inFlight: z.int() }),
  at: z.iso.datetime(),
});
const edits: ReadonlySet<string> = new Set(['QueueCreated', 'QueueSettingsChanged', 'DialingStopped', 'DialingResumed']);

/** The most ready agents of a queue that a decision at `at` can have known of. */
const mostReady = (said: readonly Said[], queue: string, at: number): number => {
  const known = said.findLastIndex(({ answeredAt }) => answeredAt < at);
  const heard = said.slice(Math.max(0, known)).filter(({ sentAt }) => sentAt <= at);
  return Math.max(0, ...heard.map(({ ready }) => ready.filter(({ queues }) => queues.includes(queue)).length));
};

/**
 * What the log has against the passes (7.2), a sentence a fault: an attempt decided twice; more in flight than the decision named, or than the
 * ready agents that it named, or named more of them than were said to be; a decision of a queue that was stopped before, or over its pacing.
 */
export const decisionFaults = ({ facts, said }: { readonly facts: readonly Fact[]; readonly said: readonly Said[] }): readonly string[] => {
  const faults: string[] = [];
  const seen = new Set<string>();
  const editedAt = new Map<string, number>();
  const floor = emptyFloor();
  for (const fact of facts) {
    const { type, data } = fact;
    if (edits.has(type)) editedAt.set(String(data.queue), instantOf(fact));
    if (type === 'AttemptVoided') seen.delete(String(data.attemptId)); // never started: its number is the next one's
    if (type === 'AttemptDecided') {
      const { queue, attemptId, basedOn, at: instant } = decided.parse(data);
      const { readyAgents, inFlight } = basedOn;
      const [at, own] = [Date.parse(instant), flyingOf(floor, queue)];
      const fault = (what: string) => faults.push(`attempt ${attemptId} at ${instant} ${what}`);
      if (seen.has(attemptId)) fault('was decided twice');
      if (own > inFlight) fault(`found ${own} in flight, and named ${inFlight}`);
      if (inFlight >= readyAgents) fault(`went beyond ${readyAgents} ready agents, with ${inFlight} in flight`);
      const most = mostReady(said, queue, at);
      if (readyAgents > most) fault(`named ${readyAgents} ready agents of ${most}`);
      if (at > (editedAt.get(queue) ?? 0)) {
        if (floor.stopped.has(queue)) fault('was decided while the queue was stopped');
        if (inFlight >= Math.ceil(readyAgents * pacingOf(floor, queue))) fault('went beyond the pacing');
      }
      seen.add(attemptId);
    }
    floor.take(fact);
  }
  return faults;
};
