import type { HistoryItem } from '../../../service/running.ts';
import { type Booked, isEnd } from '../run.ts';
import { MAX_ATTEMPTS } from '../settings.ts';
import { MINUTE_MS } from '../traffic.ts';

/** What breaks a rule: a sentence, and the history that shows it, where one callback's does. */
export type Breach = { readonly sentence: string; readonly history?: readonly HistoryItem[] };

const atOf = ({ at }: HistoryItem): number => Date.parse(at);
const has = (history: readonly HistoryItem[], type: string): boolean => history.some((item) => item.type === type);

/** Why an end can't be, by what went before it; undefined where it can. */
const unexplained = ({ wish, history }: Booked, end: HistoryItem, purgeMinutes: number): string | undefined => {
  const counted = history.filter(({ type, data }) => type === 'CallbackAttemptFailed' && data.counted === true);
  switch (end.data.reason) {
    case 'AGENT':
      return has(history, 'CallbackConnected') ? undefined : 'though no agent was connected';
    case 'ABANDONED':
      return has(history, 'CallbackAttemptAnswered') && !has(history, 'CallbackConnected') ? undefined : 'though nobody hung up';
    case 'ATTEMPTS_EXHAUSTED':
      return counted.length === MAX_ATTEMPTS ? undefined : `after ${counted.length} attempts that counted`;
    case 'PURGED_TIMEOUT': {
      const queued = history.find(({ type }) => type === 'CallbackQueued');
      return queued && atOf(end) - atOf(queued) >= purgeMinutes * MINUTE_MS ? undefined : 'before its time';
    }
    case 'CANCELLED_BY_CLIENT':
      return wish.cancelAt === undefined ? 'though no client cancelled it' : undefined; // the answer may have been lost
    default:
      return 'for a reason that nothing gave';
  }
};

/** Two attempts that are live at once, by the callback's own history: one starts before the last is over. */
const overlaps = (history: readonly HistoryItem[]): boolean => {
  let live: unknown;
  for (const { type, data } of history) {
    if (type === 'CallbackAttemptStarted') {
      if (live !== undefined) return true;
      live = data.attemptId;
    } else if ((type === 'CallbackAttemptFailed' || type === 'CallbackAttemptWithdrawn') && data.attemptId === live) live = undefined;
  }
  return false;
};

/** What a callback's own history has against it. `purgeMinutes` is the least that was in force. */
export const historyBreaches = (one: Booked, purgeMinutes: number): readonly Breach[] => {
  const { id, history, cancelled } = one;
  const breaches: Breach[] = [];
  const breach = (sentence: string) => breaches.push({ sentence: `${id} ${sentence}`, history });
  const ends = history.filter(isEnd);
  const [end] = ends;
  if (end === undefined) breach(`never ended: ${history.at(-1)?.type}`);
  else {
    const why = unexplained(one, end, purgeMinutes);
    if (why !== undefined) breach(`ended as ${end.data.reason} ${why}`);
    if (cancelled && end.type !== 'CallbackCancelled') breach(`was cancelled, and ended as ${end.data.reason}`);
  }
  if (ends.length > 1) breach('ended twice');
  if (overlaps(history)) breach('had two attempts at once');
  return breaches;
};
