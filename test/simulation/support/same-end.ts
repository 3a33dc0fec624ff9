import type { HistoryItem } from '../../service/running.ts';
import type { Outcome } from './run.ts';

/** Ids and keys are the run's own, and so is all that is made of them. */
const withoutIds = (history: readonly HistoryItem[], id: string): unknown =>
  history.map(({ type, at, data }) => {
    const { keyId, bodyHash, numberHash, ...rest } = data;
    return JSON.parse(
      JSON.stringify({ type, at, data: rest })
        .replaceAll(id, 'id')
        .replaceAll(/"holdId":"[^"]*"/g, '"holdId":"hold"'),
    );
  });

/** What became of each booking, by its number, told without what differs from run to run. */
export const endsOf = ({ booked }: Pick<Outcome, 'booked'>): ReadonlyMap<number, unknown> =>
  new Map([...booked].sort(([a], [b]) => a - b).map(([index, { id, history }]) => [index, withoutIds(history, id)]));
