import { z } from 'zod';
import { callbackIdOf } from '../../../src/domain/callback/events.ts';
import type { Said } from './contact-center.ts';
import type { Outcome } from './run.ts';
import { EDITED_PACING } from './settings.ts';

const decided = z.object({
  queue: z.string(),
  callbackId: z.string(),
  attemptId: z.string(),
  basedOn: z.object({ readyAgents: z.int(), inFlight: z.int() }),
  at: z.iso.datetime(),
});
const ended = z.object({ attemptId: z.string() });

/** The most ready agents of a queue that a decision at `at` can have known of. */
const mostReady = (said: readonly Said[], queue: string, at: number): number => {
  const known = said.findLastIndex(({ answeredAt }) => answeredAt < at);
  return Math.max(0, ...said.slice(Math.max(0, known)).flatMap(({ sentAt, ready }) => (sentAt <= at ? [ready[queue] ?? 0] : [])));
};

/**
 * What the log has against the passes (7.2), a sentence a fault: an attempt decided twice; more in flight than the decision named, or than the
 * ready agents that it named, or named more of them than were said to be; a decision of a stopped queue, or over the pacing then in force.
 */
export const decisionFaults = ({ facts, center: { said }, disturbed }: Outcome): readonly string[] => {
  const faults: string[] = [];
  const seen = new Set<string>();
  const over = new Set<string>();
  const flying = new Map<string, { readonly queue: string; readonly callbackId: string }>();
  const land = (streamId: string) => {
    for (const [attemptId, { callbackId }] of flying) if (callbackId === callbackIdOf(streamId)) flying.delete(attemptId);
  };
  for (const { type, data, streamId } of facts) {
    switch (type) {
      case 'AttemptDecided': {
        const { queue, callbackId, attemptId, basedOn, at: instant } = decided.parse(data);
        const at = Date.parse(instant);
        const { readyAgents, inFlight } = basedOn;
        const own = [...flying.values()].filter((one) => one.queue === queue).length;
        const fault = (what: string) => faults.push(`attempt ${attemptId} at ${instant} ${what}`);
        if (seen.has(attemptId)) fault('was decided twice');
        if (own > inFlight) fault(`found ${own} in flight, and named ${inFlight}`);
        if (inFlight >= readyAgents) fault(`went beyond ${readyAgents} ready agents, with ${inFlight} in flight`);
        const most = mostReady(said, queue, at);
        if (readyAgents > most) fault(`named ${readyAgents} ready agents of ${most}`);
        if (disturbed !== undefined) {
          const { stopped, paced } = disturbed;
          if (queue === 'sales' && at > stopped.from && at < stopped.until) fault('was decided while the queue was stopped');
          if (at > paced.from && at < paced.until && inFlight >= Math.ceil(readyAgents * EDITED_PACING)) fault('went beyond the pacing');
        }
        seen.add(attemptId);
        if (!over.has(callbackId)) flying.set(attemptId, { queue, callbackId }); // else purged meanwhile: nothing comes of it
        break;
      }
      case 'AttemptVoided':
        seen.delete(ended.parse(data).attemptId); // never started: its number is the next one's
        flying.delete(ended.parse(data).attemptId);
        break;
      case 'CallbackAttemptFailed':
      case 'CallbackAttemptWithdrawn':
      case 'CallbackConnected':
        flying.delete(ended.parse(data).attemptId);
        break;
      case 'CallbackCompleted':
      case 'CallbackCancelled':
        over.add(callbackIdOf(streamId));
        land(streamId);
        break;
      case 'CallbackDeferred':
        land(streamId);
        break;
    }
  }
  return faults;
};
