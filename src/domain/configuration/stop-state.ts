import type { StopEvent } from './stop-events.ts';

/** How a stop switch stands: why and by whom it was set last, and since when (UTC text) it stands so. `revision` is that of the change, and makes the etag. */
export type StopSwitch = {
  readonly stopped: boolean;
  readonly reason: string | null;
  readonly by: string;
  readonly since: string;
  readonly revision: bigint;
};

/** By queue its switch, and under null the one for all; one that was never set isn't there. A deleted queue has none. */
export type Stops = ReadonlyMap<string | null, StopSwitch>;

/** Folds one turn of a switch, in place. Another reason for a stop leaves since when it stands. */
export const accumulateStops = (stops: Map<string | null, StopSwitch>, { type, data }: StopEvent, revision: bigint, by: string): void => {
  const { queue, reason, at } = data;
  const before = stops.get(queue);
  const stopped = type === 'DialingStopped';
  stops.set(queue, { stopped, reason, by, since: before?.stopped === stopped ? before.since : at, revision });
};

type WithStops = { readonly stops: Stops };
/** A stop in force for a queue, by its own switch or by the one for all. */
export type Stop = StopSwitch & { readonly of: 'all' | 'queue' };

/** The stop that is in force for a queue: the one for all before its own; undefined for none. */
export const stopOf = ({ stops }: WithStops, queue: string): Stop | undefined => {
  const all = stops.get(null);
  if (all?.stopped === true) return { ...all, of: 'all' };
  const own = stops.get(queue);
  return own?.stopped === true ? { ...own, of: 'queue' } : undefined;
};

/** Whether nothing of a queue is dialed or pushed for now, by its own switch or the one for all (1.15). */
export const isStopped = (configuration: WithStops, queue: string): boolean => stopOf(configuration, queue) !== undefined;
