import { accept, type Decider, refuse } from '../kit/decider.ts';
import type { OperationsEvent, ParkedEntry } from './events.ts';

/** `isParked`: the entry was found parked. `now` is UTC ISO text. */
export type OperationsCommand = {
  readonly type: 'RetryEntry' | 'DropEntry';
  readonly parked: ParkedEntry;
  readonly isParked: boolean;
  readonly now: string;
};
export type OperationsRefusal = { readonly code: 'ENTRY_NOT_PARKED' };
/** What was decided about each entry, by entry and cause: made anew, an entry is another. */
export type Operations = ReadonlyMap<string, OperationsEvent['type']>;

const keyOf = ({ instance, entry, cause }: ParkedEntry): string => JSON.stringify([instance, entry, cause]);

/** Operators' decisions about the parked entries of one process: the first holds, and its repeat does nothing. */
export const operations: Decider<Operations, OperationsCommand, OperationsEvent, OperationsRefusal> = {
  initial: new Map(),
  evolve: (state, { type, data }) => new Map(state).set(keyOf(data), type),
  decide: ({ type, parked, isParked, now }, state) => {
    const event = type === 'RetryEntry' ? 'ParkedEntryRetried' : 'ParkedEntryDropped';
    const before = state.get(keyOf(parked));
    if (before === event) return accept();
    if (before !== undefined || !isParked) return refuse({ code: 'ENTRY_NOT_PARKED' });
    return accept({ type: event, data: { ...parked, at: now } });
  },
};
