import { accept, type Decider } from '../kit/decider.ts';
import type { BusinessDayEvent } from './events.ts';

export type BusinessDayCommand = {
  readonly type: 'CloseBusinessDay' | 'RecordDayPurged';
  readonly queue: string;
  readonly day: string;
  readonly closedAt: string;
  readonly now: string;
};

/** `closedAt` of the last day that was closed, and of the last whose purge is done; null before the first. */
export type BusinessDays = { readonly closed: string | null; readonly purged: string | null };

const initial: BusinessDays = { closed: null, purged: null };
const later = (a: string | null, b: string): string => (a === null || a < b ? b : a);

/** A queue's days end once each, in order of time (6.1); a repeat, or a day before the last, does nothing. */
export const businessDays: Decider<BusinessDays, BusinessDayCommand, BusinessDayEvent, never> = {
  initial,
  evolve: (state, { type, data }) =>
    type === 'BusinessDayClosed'
      ? { ...state, closed: later(state.closed, data.closedAt) }
      : { ...state, purged: later(state.purged, data.closedAt) },
  decide: ({ type, queue, day, closedAt, now }, { closed, purged }) => {
    const data = { queue, day, closedAt, at: now };
    if (type === 'CloseBusinessDay') {
      return closed !== null && closedAt <= closed ? accept() : accept<BusinessDayEvent>({ type: 'BusinessDayClosed', data });
    }
    const isDone = closed === null || closedAt > closed || (purged !== null && closedAt <= purged);
    return isDone ? accept() : accept<BusinessDayEvent>({ type: 'BusinessDayPurged', data });
  },
};
