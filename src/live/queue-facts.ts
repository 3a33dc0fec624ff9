import type { Clock } from '../clock.ts';
import type { Departure, WaitFacts } from '../domain/waits/estimated-wait.ts';
import type { AgentsView } from './agents.ts';
import type { DeparturesView } from './departures.ts';
import type { FlowView } from './flow.ts';
import type { WaitingLines } from './waiting-lines.ts';

/** What is known of a queue now; undefined is unknown, for no source of the contact center says so. */
export type QueueFacts = {
  /** Callbacks that are QUEUED, and those that are SCHEDULED. */
  readonly queued: number;
  readonly scheduled: number;
  /** Who waits on the line. */
  readonly callers: number | undefined;
  /** Agents who are logged in. */
  readonly agents: number | undefined;
  /** The last interactions that left, in order of time. */
  readonly departures: readonly Departure[];
};

export type QueueFactsDeps = {
  readonly lines: Pick<WaitingLines, 'queued' | 'scheduled'>;
  readonly flow: Pick<FlowView, 'waiting' | 'nextSilence'>;
  readonly agents: Pick<AgentsView, 'loggedIn'>;
  readonly departures: Pick<DeparturesView, 'last'>;
  readonly clock: Pick<Clock, 'now'>;
};

/** Gathers what the live views know of a queue. */
export const queueFacts =
  ({ lines, flow, agents, departures, clock }: QueueFactsDeps) =>
  (queue: string): QueueFacts => {
    const now = clock.now();
    return {
      queued: lines.queued(queue),
      scheduled: lines.scheduled(queue),
      callers: flow.nextSilence(now) === undefined ? undefined : flow.waiting(queue, now).length,
      agents: agents.loggedIn(queue, now),
      departures: departures.last(queue),
    };
  };

/** What a queue's wait is estimated from: callbacks that are QUEUED count, and who waits on the line unless they are to be left out (3.5). */
export const waitFacts = ({ queued, callers = 0, agents, departures }: QueueFacts, withCallers = true): WaitFacts => ({
  ...{ pending: queued + (withCallers ? callers : 0), agents, departures },
});
