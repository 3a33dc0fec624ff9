import type { Clock } from '../clock.ts';
import { callbackOf } from '../domain/callback-of.ts';
import type { Configuration } from '../domain/configuration/state.ts';
import { DISPATCH_STREAM } from '../domain/dispatch/events.ts';
import type { Standing } from '../domain/dispatch/order.ts';
import { placeOf, type Tracked, track } from '../domain/dispatch/tracked.ts';
import type { DeparturesView } from './departures.ts';
import { callersBefore, type FlowView } from './flow.ts';
import { mergeOrders } from './kit/merge-orders.ts';
import type { LiveView } from './live-view.ts';
import { settingsInForce } from './settings-in-force.ts';
import { type Part, standingOf, type Waiting, type WaitingLine, waitingLine } from './waiting-line.ts';

/** One who could be called next. */
export type Candidate = { readonly callback: Tracked; readonly standing: Standing };

/** The waiting lines of all queues, and the attempts in flight. */
export type WaitingLines = LiveView & {
  /** 1 for the first who waits, live callers who come before counted, and those who wait beside the line; 0 for one that doesn't wait (3.5). */
  readonly positionOf: (callbackId: string) => number;
  /** Callbacks that are QUEUED, which everybody's wait counts (3.5): those in line, and those whose next attempt is on its way or put off. */
  readonly queued: (queue: string) => number;
  /** Expected seconds until everybody who waits in a queue now has been taken, on the line or not; null until two have left it (3.5). */
  readonly estimatedWait: (queue: string) => number | null;
  readonly estimatedWaitOf: (callbackId: string) => number | null;
  readonly openCallbacks: (queue: string) => number;
  /** Callbacks that are SCHEDULED. */
  readonly scheduled: (queue: string) => number;
  /** The place that somebody who queues now without a priority of his own gets, if nobody passes him. */
  readonly nextPosition: (queue: string) => number;
  /** Queues where somebody is in line, and how many are. */
  readonly waitingQueues: () => readonly string[];
  readonly inLine: (queue: string) => number;
  /** How many wait in a queue, in line or beside it. */
  readonly waiting: (queue: string) => number;
  /** How many are in line in each zones; null: those whose zones aren't known. */
  readonly zonesIn: (queue: string) => ReadonlyMap<string | null, number>;
  /** The line in order, but for those in zones that are left out. */
  readonly inOrder: (queue: string, now: number, without?: ReadonlySet<string>) => Generator<Candidate>;
  /** Everybody who waits, those beside the line in their places, too; from the first, or from whoever comes after `after`. */
  readonly everybody: (queue: string, now: number, after?: Waiting) => Generator<Candidate & { readonly beside: boolean }>;
  /** Attempts in flight, by queue. */
  readonly inFlight: () => ReadonlyMap<string, number>;
  /** Revision of the last decision folded, which the next one is appended after. */
  readonly dispatchRevision: () => bigint | undefined;
  /** Takes over what was folded before, in place of its events. */
  readonly seed: (open: Iterable<Tracked>, dispatched: bigint | undefined) => void;
};

type Queue = {
  readonly line: WaitingLine<Tracked>;
  readonly beside: WaitingLine<Tracked>;
  pending: number;
  scheduled: number;
  open: number;
  inFlight: number;
};

export const waitingLinesView = (
  configuration: () => Configuration,
  clock: Clock,
  left: Pick<DeparturesView, 'meanGapSeconds'>,
  flow: Pick<FlowView, 'waiting'> = { waiting: () => [] },
): WaitingLines => {
  const callbacks = new Map<string, Tracked>();
  const queues = new Map<string, Queue>();
  const settings = settingsInForce(configuration);
  let dispatchRevision: bigint | undefined;

  const queueOf = (name: string): Queue => {
    const none = { pending: 0, scheduled: 0, open: 0, inFlight: 0 };
    const found = queues.get(name) ?? { line: waitingLine<Tracked>(), beside: waitingLine<Tracked>(), ...none };
    queues.set(name, found);
    return found;
  };
  const ageingOf = (queue: string) => settings(queue).priority;
  const count = (tracked: Tracked | undefined, by: 1 | -1): void => {
    if (tracked === undefined) return;
    const queue = queueOf(tracked.queue);
    queue.open += by;
    if (tracked.state === 'QUEUED') queue.pending += by;
    if (tracked.state === 'SCHEDULED') queue.scheduled += by;
    if (tracked.inFlight !== null) queue.inFlight += by;
    const place = placeOf(tracked);
    if (place !== undefined) queue[place][by === 1 ? 'add' : 'remove'](tracked);
    if (queue.open === 0) queues.delete(tracked.queue);
  };

  const estimatedWaitAt = (queue: string, places: number): number | null => {
    const gap = left.meanGapSeconds(queue);
    return gap === undefined ? null : Math.round(gap * places);
  };
  const callersIn = (queue: string): number => flow.waiting(queue, clock.now()).length;
  const waitingIn = (name: string): number => {
    const queue = queues.get(name);
    return queue === undefined ? 0 : queue.line.size() + queue.beside.size();
  };
  const positionOf = (id: string): number => {
    const callback = callbacks.get(id);
    if (callback?.state !== 'QUEUED' || callback.inFlight !== null) return 0;
    const [one, ageing, now] = [callback, ageingOf(callback.queue), clock.now()];
    const callers = callersBefore(flow.waiting(callback.queue, now), standingOf(one, ageing, now));
    const { line, beside } = queueOf(callback.queue);
    return line.ahead(one, ageing, now) + beside.ahead(one, ageing, now) + callers + 1;
  };
  const candidates = function* (of: WaitingLine<Tracked> | undefined, queue: string, now: number, part: Part): Generator<Candidate> {
    for (const { waiting: callback, standing } of of?.inOrder(ageingOf(queue), now, part) ?? []) yield { callback, standing };
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
    nextPosition: (queue) => waitingIn(queue) + callersIn(queue) + 1,
    scheduled: (queue) => queues.get(queue)?.scheduled ?? 0,
    openCallbacks: (queue) => queues.get(queue)?.open ?? 0,
    waitingQueues: () => [...queues].filter(([, { line }]) => line.size() > 0).map(([name]) => name),
    inLine: (queue) => queues.get(queue)?.line.size() ?? 0,
    waiting: waitingIn,
    zonesIn: (queue) => queues.get(queue)?.line.zones() ?? new Map(),
    inOrder: (queue, now, without = new Set()) => candidates(queues.get(queue)?.line, queue, now, { without }),
    everybody: (queue, now, after) => {
      const found = queues.get(queue);
      return mergeOrders(candidates(found?.line, queue, now, { after }), candidates(found?.beside, queue, now, { after }));
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
