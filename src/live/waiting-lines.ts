import type { Clock } from '../clock.ts';
import { callbackOf } from '../domain/callback-of.ts';
import { columnDefaults } from '../domain/configuration/columns.ts';
import type { Configuration } from '../domain/configuration/state.ts';
import { settingsOf } from '../domain/configuration/state.ts';
import { DISPATCH_STREAM } from '../domain/dispatch/events.ts';
import type { Ageing, Standing } from '../domain/dispatch/order.ts';
import { type Tracked, track } from '../domain/dispatch/tracked.ts';
import type { DeparturesView } from './departures.ts';
import { callersBefore, type FlowView } from './flow.ts';
import type { LiveView } from './live-view.ts';
import { standingOf, type Waiting, type WaitingLine, waitingLine } from './waiting-line.ts';

/** One who could be called next. */
export type Candidate = { readonly callback: Tracked; readonly standing: Standing };

/** The waiting lines of all queues, and the attempts in flight. */
export type WaitingLines = LiveView & {
  /** 1 for the first in line, live callers who come before counted; 0 for one that doesn't wait (3.5). */
  readonly positionOf: (callbackId: string) => number;
  /** Callbacks that are QUEUED, which everybody's wait counts (3.5): those in line, and those whose next attempt is on its way or put off. */
  readonly queued: (queue: string) => number;
  /** Expected seconds until everybody who waits in a queue now has been taken, on the line or not; null until two have left it (3.5). */
  readonly estimatedWait: (queue: string) => number | null;
  readonly estimatedWaitOf: (callbackId: string) => number | null;
  readonly openCallbacks: (queue: string) => number;
  /** The place that somebody who queues now without a priority of his own gets, if nobody passes him. */
  readonly nextPosition: (queue: string) => number;
  /** Queues where somebody is in line, and how many are. */
  readonly waitingQueues: () => readonly string[];
  readonly inLine: (queue: string) => number;
  readonly inOrder: (queue: string, now: number) => Generator<Candidate>;
  /** Attempts in flight, by queue. */
  readonly inFlight: () => ReadonlyMap<string, number>;
  /** Revision of the last decision folded, which the next one is appended after. */
  readonly dispatchRevision: () => bigint | undefined;
  /** Takes over what was folded before, in place of its events. */
  readonly seed: (open: Iterable<Tracked>, dispatched: bigint | undefined) => void;
};

type Queue = { readonly line: WaitingLine; pending: number; open: number; inFlight: number };

export const waitingLinesView = (
  configuration: () => Configuration,
  clock: Clock,
  left: Pick<DeparturesView, 'meanGapSeconds'>,
  flow: Pick<FlowView, 'waiting'> = { waiting: () => [] },
): WaitingLines => {
  const callbacks = new Map<string, Tracked>();
  const queues = new Map<string, Queue>();
  let dispatchRevision: bigint | undefined;

  const queueOf = (name: string): Queue => {
    const found = queues.get(name) ?? { line: waitingLine(), pending: 0, open: 0, inFlight: 0 };
    queues.set(name, found);
    return found;
  };
  const ageingOf = (queue: string): Ageing => (settingsOf(configuration(), queue) ?? columnDefaults).priority;
  const waiting = ({ id, priority, enteredAt }: Tracked): Waiting => ({ id, priority, enteredAt });

  const count = (tracked: Tracked | undefined, by: 1 | -1): void => {
    if (tracked === undefined) return;
    const queue = queueOf(tracked.queue);
    queue.open += by;
    if (tracked.state === 'QUEUED') queue.pending += by;
    if (tracked.inFlight !== null) queue.inFlight += by;
    if (tracked.inLine) by === 1 ? queue.line.add(waiting(tracked)) : queue.line.remove(waiting(tracked));
    if (queue.open === 0) queues.delete(tracked.queue);
  };

  const estimatedWaitAt = (queue: string, places: number): number | null => {
    const gap = left.meanGapSeconds(queue);
    return gap === undefined ? null : Math.round(gap * places);
  };
  const callersIn = (queue: string): number => flow.waiting(queue, clock.now()).length;
  const positionOf = (id: string): number => {
    const callback = callbacks.get(id);
    if (callback?.state !== 'QUEUED' || callback.inFlight !== null) return 0;
    const [one, ageing, now] = [waiting(callback), ageingOf(callback.queue), clock.now()];
    const callers = callersBefore(flow.waiting(callback.queue, now), standingOf(one, ageing, now));
    return queueOf(callback.queue).line.ahead(one, ageing, now) + callers + 1;
  };

  return {
    name: 'waiting-lines',
    apply: (event) => {
      if (event.streamId === DISPATCH_STREAM) dispatchRevision = event.revision;
      const id = callbackOf(event);
      if (id === undefined) return;
      const before = callbacks.get(id);
      const after = track(before, event);
      if (after === before) return;
      count(before, -1);
      if (after === undefined) callbacks.delete(id);
      else callbacks.set(id, after);
      count(after, 1);
    },
    positionOf,
    queued: (queue) => queues.get(queue)?.pending ?? 0,
    estimatedWait: (queue) => estimatedWaitAt(queue, (queues.get(queue)?.pending ?? 0) + callersIn(queue)),
    estimatedWaitOf: (id) => {
      const callback = callbacks.get(id);
      return callback === undefined ? null : estimatedWaitAt(callback.queue, positionOf(id));
    },
    nextPosition: (queue) => (queues.get(queue)?.line.size() ?? 0) + callersIn(queue) + 1,
    openCallbacks: (queue) => queues.get(queue)?.open ?? 0,
    waitingQueues: () => [...queues].filter(([, { line }]) => line.size() > 0).map(([name]) => name),
    inLine: (queue) => queues.get(queue)?.line.size() ?? 0,
    *inOrder(queue, now) {
      const found = queues.get(queue);
      if (found === undefined) return;
      for (const { waiting: one, standing } of found.line.inOrder(ageingOf(queue), now)) {
        const callback = callbacks.get(one.id);
        if (callback !== undefined) yield { callback, standing };
      }
    },
    inFlight: () => new Map([...queues].filter(([, { inFlight }]) => inFlight > 0).map(([name, { inFlight }]) => [name, inFlight])),
    dispatchRevision: () => dispatchRevision,
    seed: (open, dispatched) => {
      dispatchRevision = dispatched;
      for (const callback of open) {
        callbacks.set(callback.id, callback);
        count(callback, 1);
      }
    },
  };
};
