import type { Clock } from '../clock.ts';
import type { WaitFacts } from '../domain/waits/estimated-wait.ts';
import type { AgentsView } from './agents.ts';
import type { DeparturesView } from './departures.ts';
import type { FlowView } from './flow.ts';
import type { WaitingLines } from './waiting-lines.ts';

/** How many wait in a queue now; undefined is unknown. */
export type QueueCounts = {
  /** Callbacks that are QUEUED, and those that are SCHEDULED. */
  readonly queued: number;
  readonly scheduled: number;
  /** Who waits on the line; unknown while no source of the contact center says so. */
  readonly callers: number | undefined;
  /** Mean seconds between the last 32 that left (2.4); unknown until two have. */
  readonly meanGapSeconds: number | undefined;
};

/** What is known of queues now. */
export type QueueFacts = {
  readonly counts: (queue: string) => QueueCounts;
  /** What a wait is estimated from: callbacks that are QUEUED count, and who waits on the line unless they are to be left out (3.5). */
  readonly wait: (queue: string, withCallers?: boolean) => WaitFacts;
};

export type QueueFactsDeps = {
  readonly lines: Pick<WaitingLines, 'queued' | 'scheduled'>;
  readonly flow: Pick<FlowView, 'waiting' | 'isHeard'>;
  readonly agents: Pick<AgentsView, 'loggedIn'>;
  readonly departures: Pick<DeparturesView, 'last' | 'meanGapSeconds'>;
  readonly clock: Pick<Clock, 'now'>;
};

/** Gathers what the live views know of queues. */
export const queueFacts = ({ lines, flow, agents, departures, clock }: QueueFactsDeps): QueueFacts => ({
  counts: (queue) => {
    const now = clock.now();
    return {
      queued: lines.queued(queue),
      scheduled: lines.scheduled(queue),
      meanGapSeconds: departures.meanGapSeconds(queue),
      callers: flow.isHeard(now) ? flow.waiting(queue, now).length : undefined,
    };
  },
  wait: (queue, withCallers = true) => {
    const now = clock.now();
    const pending = lines.queued(queue) + (withCallers ? flow.waiting(queue, now).length : 0);
    return { pending, departures: departures.last(queue), agents: agents.loggedIn(queue, now) };
  },
});
