import type { Actor } from '../../domain/kit/events.ts';
import type { CallbackFact } from './read.ts';

type AttemptMetrics = {
  readonly attemptId: string;
  readonly attempt: number;
  readonly startedAt: string;
  readonly placedAt: string | null;
  readonly answeredAt: string | null;
  readonly connectedAt: string | null;
  readonly agentId: string | null;
  readonly endedAt: string | null;
  readonly outcome: string | null;
};

type Change = { readonly at: string; readonly by: Actor; readonly reason: string | null };

/** What the history of one callback says about it (9.2). Instants are UTC text, durations seconds; null is what hasn't come. */
export type CallbackMetrics = {
  readonly createdBy: Actor | null;
  readonly estimatedWaitWhenBooked: number | null;
  readonly queuedAt: string | null;
  readonly completedAt: string | null;
  readonly attempts: readonly AttemptMetrics[];
  readonly rescheduled: readonly (Change & { readonly from: string; readonly to: string })[];
  readonly cancelled: Change | null;
  readonly durations: { readonly waitingOffline: number | null; readonly connecting: number | null; readonly handling: number | null };
};

const nothing: Omit<CallbackMetrics, 'durations'> = {
  createdBy: null,
  estimatedWaitWhenBooked: null,
  queuedAt: null,
  completedAt: null,
  attempts: [],
  rescheduled: [],
  cancelled: null,
};
type Gathered = typeof nothing;

const inAttempt = (gathered: Gathered, attemptId: string, change: Partial<AttemptMetrics>): Gathered => ({
  ...gathered,
  attempts: gathered.attempts.map((one) => (one.attemptId === attemptId ? { ...one, ...change } : one)),
});

/** The last attempt ends with its callback, unless a report ended it before. */
const completed = (gathered: Gathered, at: string): Gathered => {
  const last = gathered.attempts.at(-1);
  const ended = last === undefined || last.endedAt !== null ? gathered : inAttempt(gathered, last.attemptId, { endedAt: at });
  return { ...ended, completedAt: at };
};

const gather = (gathered: Gathered, event: CallbackFact): Gathered => {
  const { type, data, metadata } = event;
  const { at } = data;
  const change: Change = { at, by: metadata.actor, reason: metadata.reason ?? null };
  switch (type) {
    case 'CallbackBooked':
      return {
        ...gathered,
        createdBy: metadata.actor,
        estimatedWaitWhenBooked: data.waits?.estimatedWaitSeconds ?? data.offer.estimatedWaitSeconds,
      };
    case 'CallbackRescheduled':
      return { ...gathered, rescheduled: [...gathered.rescheduled, { ...change, from: data.before, to: data.desiredTime }] };
    case 'CallbackQueued':
      return { ...gathered, queuedAt: at };
    case 'CallbackAttemptStarted': {
      const started = { attemptId: data.attemptId, attempt: data.attempt, startedAt: at, placedAt: null, answeredAt: null };
      return {
        ...gathered,
        attempts: [...gathered.attempts, { ...started, connectedAt: null, agentId: null, endedAt: null, outcome: null }],
      };
    }
    case 'CallbackAttemptPlaced':
      return inAttempt(gathered, data.attemptId, { placedAt: at });
    case 'CallbackAttemptAnswered':
      return inAttempt(gathered, data.attemptId, { answeredAt: at, outcome: 'ANSWERED' });
    case 'CallbackAttemptFailed':
      return inAttempt(gathered, data.attemptId, { endedAt: at, outcome: data.outcome });
    case 'CallbackConnected':
      return inAttempt(gathered, data.attemptId, { connectedAt: at, agentId: data.agentId });
    case 'CallbackAttemptWithdrawn':
      return inAttempt(gathered, data.attemptId, { endedAt: at, outcome: 'WITHDRAWN' });
    case 'CallbackCancelled':
      return { ...gathered, completedAt: at, cancelled: change };
    case 'CallbackCompleted':
      return completed(gathered, at);
    default:
      return gathered;
  }
};

const seconds = (from: string | null | undefined, to: string | null | undefined): number | null =>
  from && to ? (Date.parse(to) - Date.parse(from)) / 1000 : null;

/** Folds the events of one callback's stream, in order, into its metrics. */
export const metricsOf = (events: readonly CallbackFact[]): CallbackMetrics => {
  const gathered = events.reduce(gather, nothing);
  const { queuedAt, attempts } = gathered;
  const last = attempts.at(-1);
  return {
    ...gathered,
    durations: {
      waitingOffline: seconds(queuedAt, attempts[0]?.startedAt),
      connecting: seconds(last?.startedAt, last?.connectedAt),
      handling: seconds(last?.connectedAt, last?.endedAt),
    },
  };
};
