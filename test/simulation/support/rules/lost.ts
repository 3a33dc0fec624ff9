import type { HistoryItem } from '../../../service/running.ts';
import { type Booked, isEnd } from '../run.ts';
import type { Breach } from './history.ts';

/** Whether a history names what kept its callback from an agent: a failed or late report, an attempt that nobody took, a purge, or nobody there in time. */
const namesFault = (history: readonly HistoryItem[]): boolean =>
  history.some(
    ({ type, data }) =>
      type === 'CallbackReportDisregarded' ||
      (type === 'CallbackAttemptFailed' && (data.outcome === 'TIMEOUT' || data.outcome === 'FAILED')) ||
      (type === 'CallbackCompleted' && ['PURGED_TIMEOUT', 'ABANDONED'].includes(String(data.reason))),
  );
const reasonOf = (one: Booked | undefined): unknown => one?.history.find(isEnd)?.data.reason;

type Run = { readonly booked: ReadonlyMap<number, Booked> };

/** Callbacks that an agent had without faults, not with them, and whose history doesn't say why. */
export const lostWithoutReason = (calm: Run, faulty: Run): readonly Breach[] =>
  [...faulty.booked].flatMap(([index, one]) =>
    reasonOf(calm.booked.get(index)) === 'AGENT' &&
    reasonOf(one) !== 'AGENT' &&
    reasonOf(one) !== 'CANCELLED_BY_CLIENT' &&
    !namesFault(one.history)
      ? [{ sentence: `${one.id} was lost to no fault that it names`, history: one.history }]
      : [],
  );
