import { callbackIdOf, isCallbackStream } from '../domain/callback/events.ts';
import { defineProjection } from './kit/projection.ts';

/** One attempt as details keep it; instants are UTC text. */
export type AttemptDetail = {
  readonly attemptId: string;
  readonly attempt: number;
  readonly startedAt: string;
  readonly answeredAt: string | null;
  readonly connectedAt: string | null;
  readonly overAt: string | null;
  readonly outcome: string | null;
  readonly agentId: string | null;
  /** False for one that surely never rang. */
  readonly counted: boolean;
};

/** What became of one callback, without personal data (9.2). */
export type CallbackDetailsRow = {
  readonly key: string;
  readonly queue: string;
  readonly kind: string;
  readonly offer_type: string;
  readonly channel: string | null;
  readonly country: string | null;
  readonly area: string | null;
  readonly number_type: string | null;
  readonly booked_by_kind: string;
  readonly booked_by: string;
  /** The API key that booked, and the number as its limits count it (1.8). */
  readonly api_key_id: string | null;
  readonly number_hash: string | null;
  readonly booked_at: string;
  readonly desired_time: string;
  readonly reschedules: number;
  readonly queued_at: string | null;
  readonly connected_at: string | null;
  readonly completed_at: string | null;
  readonly reason: string | null;
  readonly completed_by_kind: string | null;
  readonly completed_by: string | null;
  readonly attempts: readonly AttemptDetail[];
};

const change = (attempts: readonly AttemptDetail[], attemptId: string, by: Partial<AttemptDetail>): readonly AttemptDetail[] =>
  attempts.map((attempt) => (attempt.attemptId === attemptId ? { ...attempt, ...by } : attempt));

/** The withdrawal that follows a time-out doesn't take its outcome's place. */
const withdraw = (attempts: readonly AttemptDetail[], attemptId: string, at: string): readonly AttemptDetail[] =>
  attempts.map((attempt) =>
    attempt.attemptId === attemptId && attempt.outcome === null ? { ...attempt, overAt: at, outcome: 'WITHDRAWN' } : attempt,
  );

const closeLast = (attempts: readonly AttemptDetail[], overAt: string): readonly AttemptDetail[] =>
  attempts.map((attempt) => (attempt.overAt === null ? { ...attempt, overAt } : attempt));

export const callbackDetails = defineProjection<CallbackDetailsRow>({
  name: 'callback_details',
  version: 4,
  personal: false,
  columns: {
    key: 'text',
    queue: 'text',
    kind: 'text',
    offer_type: 'text',
    channel: 'text',
    country: 'text',
    area: 'text',
    number_type: 'text',
    booked_by_kind: 'text',
    booked_by: 'text',
    api_key_id: 'text',
    number_hash: 'text',
    booked_at: 'timestamptz',
    desired_time: 'timestamptz',
    reschedules: 'int',
    queued_at: 'timestamptz',
    connected_at: 'timestamptz',
    completed_at: 'timestamptz',
    reason: 'text',
    completed_by_kind: 'text',
    completed_by: 'text',
    attempts: 'jsonb',
  },
  indexes: ['(booked_at, key)', '(queue, connected_at)'],
  keysOf: ({ streamId }) => (isCallbackStream(streamId) ? [callbackIdOf(streamId)] : []),
  fold: (row, { type, data, metadata: { actor } }, key) => {
    if (type === 'CallbackBooked') {
      const { queue, kind, offer, number, desiredTime: desired_time, at: booked_at } = data;
      return {
        ...{ key, queue, kind, desired_time, booked_at, booked_by_kind: actor.kind, booked_by: actor.name, reschedules: 0 },
        ...{ api_key_id: actor.kind === 'client' ? actor.id : null, number_hash: data.numberHash ?? null },
        ...{ offer_type: offer.type, channel: offer.channel, country: number.country, area: number.area, number_type: number.type },
        ...{ queued_at: null, connected_at: null, completed_at: null, reason: null, completed_by_kind: null, completed_by: null },
        attempts: [],
      };
    }
    if (row === undefined) return undefined;
    switch (type) {
      case 'CallbackRescheduled':
        return { ...row, desired_time: data.desiredTime, reschedules: row.reschedules + 1 };
      case 'CallbackQueued':
        return { ...row, queued_at: data.at };
      case 'CallbackAttemptStarted': {
        const { attemptId, attempt, at: startedAt } = data;
        const started = {
          attemptId,
          attempt,
          startedAt,
          answeredAt: null,
          connectedAt: null,
          overAt: null,
          outcome: null,
          agentId: null,
          counted: true,
        };
        return { ...row, attempts: [...row.attempts, started] };
      }
      case 'CallbackAttemptAnswered':
        return { ...row, attempts: change(row.attempts, data.attemptId, { answeredAt: data.at, outcome: 'ANSWERED' }) };
      case 'CallbackAttemptFailed':
        return {
          ...row,
          attempts: change(row.attempts, data.attemptId, { overAt: data.at, outcome: data.outcome, counted: data.counted }),
        };
      case 'CallbackAttemptWithdrawn':
        return { ...row, attempts: withdraw(row.attempts, data.attemptId, data.at) };
      case 'CallbackConnected': {
        const connected = { connectedAt: data.at, outcome: 'ANSWERED', agentId: data.agentId };
        return { ...row, connected_at: data.at, attempts: change(row.attempts, data.attemptId, connected) };
      }
      case 'CallbackCancelled':
      case 'CallbackCompleted': {
        const over = { completed_at: data.at, reason: data.reason, completed_by_kind: actor.kind, completed_by: actor.name };
        return { ...row, ...over, attempts: closeLast(row.attempts, data.at) };
      }
      case 'CallbackRetired':
      case 'PersonalDataErased':
        return { ...row, number_hash: null };
      default:
        return row;
    }
  },
});
