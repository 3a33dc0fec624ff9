import { accept, type Decision, refuse } from '../kit/decider.ts';
import { guard, type Precondition, type PreconditionRefusal } from '../kit/precondition.ts';
import { type Configuration, DEFAULT_ROW } from './state.ts';
import type { StopEvent } from './stop-events.ts';
import type { StopSwitch } from './stop-state.ts';

export type StopRefusal = PreconditionRefusal | { readonly code: 'UNKNOWN_QUEUE' };

/** Turns the switch of a queue, or with `queue` null the one for all. `reason` null gives none. */
export type TurnSwitch = {
  readonly queue: string | null;
  readonly stopped: boolean;
  readonly reason: string | null;
  readonly precondition: Precondition;
  readonly now: string;
};

/** The switch of a queue, or with null the one for all; undefined for one that was never set. */
export const switchOf = ({ stops }: Configuration, queue: string | null): StopSwitch | undefined => stops.get(queue);

/** A switch is there from the first, so one that was never set has an etag, too. */
export const switchEtag = (found: StopSwitch | undefined): string => `"${found?.revision ?? 0n}"`;

/** The stop switch (1.15). Its version may be named and needn't; to stop what is stopped is a change only for another reason. */
export const decideStop = (
  { queue, stopped, reason, precondition, now: at }: TurnSwitch,
  state: Configuration,
): Decision<StopEvent, StopRefusal> => {
  if (queue !== null && (queue === DEFAULT_ROW || !state.queues.has(queue))) return refuse({ code: 'UNKNOWN_QUEUE' });
  const before = switchOf(state, queue);
  const refusal = guard(switchEtag(before), { ifMatch: '*', ...precondition });
  if (refusal !== undefined) return refuse(refusal);
  const same = stopped === (before?.stopped ?? false);
  if (same && (!stopped || reason === null || reason === before?.reason)) return accept();
  return accept({ type: stopped ? 'DialingStopped' : 'DialingResumed', data: { queue, reason, at } });
};
