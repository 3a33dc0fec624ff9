import { iso } from '../../../src/clock.ts';
import { dialingFaults } from '../../crash/support/dialing.ts';
import { placesFaults } from '../../crash/support/places.ts';
import { FIRST_INSTANT, type HistoryItem } from '../../service/running.ts';
import { decisionFaults } from './decisions.ts';
import { type Booked, isEnd, type Outcome } from './run.ts';
import { MAX_ATTEMPTS, PURGE_MINUTES, RING_LIMIT_S, SLOT_CAPACITY, SLOT_MINUTES, SPEED } from './settings.ts';
import { MINUTE_MS } from './traffic.ts';

/** What breaks a rule: a sentence, and the history that shows it, where one callback's does. */
export type Breach = { readonly sentence: string; readonly history?: readonly HistoryItem[] };

const atOf = ({ at }: HistoryItem): number => Date.parse(at);
const has = (history: readonly HistoryItem[], type: string, data: Readonly<Record<string, unknown>> = {}): boolean =>
  history.some((item) => item.type === type && Object.entries(data).every(([name, value]) => item.data[name] === value));

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

const callbackBreaches = (one: Booked, purgeMinutes: number): readonly Breach[] => {
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

/** The log by the machine's time: what is allowed to take a minute there may take hours on the clock of the run. */
const byTheMachine = ({ facts }: Outcome) =>
  facts.map((fact) => {
    const { at } = fact.data;
    return typeof at === 'string' ? { ...fact, data: { ...fact.data, at: iso(machineTime(Date.parse(at))) } } : fact;
  });
const machineTime = (instant: number): number => Math.floor(FIRST_INSTANT + (instant - FIRST_INSTANT) / SPEED);

/** All that a run's outcome has against the rules. */
export const breachesOf = (outcome: Outcome): readonly Breach[] => {
  const { booked, center, disturbed, faults } = outcome;
  const purgeMinutes = disturbed === undefined ? PURGE_MINUTES.first : PURGE_MINUTES.edited;
  const kills = disturbed === undefined ? [] : [machineTime(disturbed.restartedAt)];
  const sentences = [
    ...faults,
    ...dialingFaults(center.record, RING_LIMIT_S * 1000),
    ...placesFaults(byTheMachine(outcome), { slotMs: SLOT_MINUTES * MINUTE_MS, capacityOf: () => SLOT_CAPACITY, kills }),
    ...decisionFaults(outcome),
  ];
  const histories = [...booked.values()].map(({ id, history }) => ({ id, history }));
  const about = (sentence: string) => histories.find(({ id }) => sentence.includes(id))?.history;
  return [
    ...[...booked.values()].flatMap((one) => callbackBreaches(one, purgeMinutes)),
    ...sentences.map((sentence): Breach => {
      const history = about(sentence);
      return history === undefined ? { sentence } : { sentence, history };
    }),
  ];
};

/** Whether a history names what kept its callback from an agent: a failed or late report, an attempt that nobody took, a purge, or nobody there in time. */
const namesFault = (history: readonly HistoryItem[]): boolean =>
  history.some(
    ({ type, data }) =>
      type === 'CallbackReportDisregarded' ||
      (type === 'CallbackAttemptFailed' && (data.outcome === 'TIMEOUT' || data.outcome === 'FAILED')) ||
      (type === 'CallbackCompleted' && ['PURGED_TIMEOUT', 'ABANDONED'].includes(String(data.reason))),
  );
const reasonOf = (one: Booked | undefined): unknown => one?.history.find(isEnd)?.data.reason;

/** Callbacks that an agent had without faults, not with them, and whose history doesn't say why. */
export const lostWithoutReason = (calm: Outcome, faulty: Outcome): readonly Breach[] =>
  [...faulty.booked].flatMap(([index, one]) =>
    reasonOf(calm.booked.get(index)) === 'AGENT' &&
    reasonOf(one) !== 'AGENT' &&
    reasonOf(one) !== 'CANCELLED_BY_CLIENT' &&
    !namesFault(one.history)
      ? [{ sentence: `${one.id} was lost to no fault that it names`, history: one.history }]
      : [],
  );

/** The breaches, and the shortest history that shows one. */
export const told = (breaches: readonly Breach[]): string => {
  const [shortest] = breaches
    .flatMap(({ sentence, history }) => (history ? [{ sentence, history }] : []))
    .sort((a, b) => a.history.length - b.history.length);
  const lines = shortest?.history.map(({ at, type, data }) => `  ${at} ${type} ${JSON.stringify(data)}`) ?? [];
  return [...breaches.map(({ sentence }) => sentence), ...(shortest ? [`shortest: ${shortest.sentence}`, ...lines] : [])].join('\n');
};
