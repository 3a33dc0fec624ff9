import type { HistoryItem } from '../../service/running.ts';
import type { Outcome } from './run.ts';

/** The steps, and how each came out; not the instants: a start lies before its time by the wait of the moment, which a new node has to learn. */
const stepsOf = (history: readonly HistoryItem[]): unknown =>
  history.map(({ type, data: { attempt, outcome, cause, reason, endedBy } }) => ({ type, attempt, outcome, cause, reason, endedBy }));

/** What became of each booking, by its number, told without what differs from run to run. */
export const endsOf = ({ booked }: Pick<Outcome, 'booked'>): ReadonlyMap<number, unknown> =>
  new Map([...booked].sort(([a], [b]) => a - b).map(([index, { history }]) => [index, stepsOf(history)]));
