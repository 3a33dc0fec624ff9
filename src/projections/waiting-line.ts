import { callbackIdOf, isCallbackStream } from '../domain/callback/events.ts';
import { defineProjection } from './kit/projection.ts';

/** A callback between queueing and connection: `WAITING` in line, `RETRY` beside it until its next attempt is due, `ROUTING` during one. */
export type WaitingLineRow = {
  readonly key: string;
  readonly queue: string;
  readonly priority: number | null;
  readonly entered_at: string;
  readonly stage: string;
  readonly attempts: number;
};

export const waitingLine = defineProjection<WaitingLineRow>({
  name: 'waiting_line',
  version: 1,
  personal: false,
  columns: { key: 'text', queue: 'text', priority: 'int', entered_at: 'timestamptz', stage: 'text', attempts: 'int' },
  indexes: ['(queue, stage, entered_at)'],
  keysOf: ({ streamId }) => (isCallbackStream(streamId) ? [callbackIdOf(streamId)] : []),
  fold: (row, { type, data }, key) => {
    if (type === 'CallbackQueued')
      return { key, queue: data.queue, priority: data.priority, entered_at: data.at, stage: 'WAITING', attempts: 0 };
    if (row === undefined) return undefined;
    switch (type) {
      case 'CallbackAttemptStarted':
        return { ...row, stage: 'ROUTING', attempts: data.attempt };
      case 'CallbackAttemptFailed':
        return { ...row, stage: 'RETRY' };
      case 'CallbackRequeued':
        return { ...row, stage: 'WAITING' };
      case 'CallbackAttemptWithdrawn':
        return row.stage === 'ROUTING' ? { ...row, stage: 'WAITING' } : row;
      case 'CallbackConnected':
      case 'CallbackCancelled':
      case 'CallbackCompleted':
        return undefined;
      default:
        return row;
    }
  },
});
