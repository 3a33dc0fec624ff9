import { callbackIdOf, isCallbackStream } from '../domain/callback/events.ts';
import { defineProjection } from './kit/projection.ts';

/** A callback as lists show it (9.1). Instants are UTC text; what the clock decides (late, position) is computed when asked. */
export type CallbackListRow = {
  readonly key: string;
  readonly queue: string;
  readonly kind: string;
  readonly direction: string;
  readonly phone_number: string | null;
  readonly desired_time: string;
  readonly state: string;
  readonly reason: string | null;
  readonly priority: number | null;
  readonly attempts: number;
  readonly created_at: string;
  readonly updated_at: string;
};

export const callbackList = defineProjection<CallbackListRow>({
  name: 'callback_list',
  version: 2,
  personal: true,
  personalColumns: ['phone_number'],
  columns: {
    key: 'text',
    queue: 'text',
    kind: 'text',
    direction: 'text',
    phone_number: 'text',
    desired_time: 'timestamptz',
    state: 'text',
    reason: 'text',
    priority: 'int',
    attempts: 'int',
    created_at: 'timestamptz',
    updated_at: 'timestamptz',
  },
  indexes: ['(desired_time, key)', '(queue, desired_time, key)', '(phone_number) where phone_number is not null'],
  keysOf: ({ streamId }) => (isCallbackStream(streamId) ? [callbackIdOf(streamId)] : []),
  fold: (row, { type, data }, key) => {
    if (type === 'CallbackBooked') {
      const { queue, kind, direction, desiredTime: desired_time, phoneNumber: phone_number, overrides, at } = data;
      const written = { created_at: at, updated_at: at };
      return {
        key,
        queue,
        kind,
        direction,
        phone_number,
        desired_time,
        state: 'SCHEDULED',
        reason: null,
        priority: overrides.priority,
        attempts: 0,
        ...written,
      };
    }
    if (row === undefined) return undefined;
    switch (type) {
      case 'CallbackRescheduled':
        return { ...row, desired_time: data.desiredTime, updated_at: data.at };
      case 'CallbackQueued':
        return { ...row, state: 'QUEUED', updated_at: data.at };
      case 'CallbackAttemptStarted':
        return { ...row, state: 'ROUTING', attempts: data.attempt, updated_at: data.at };
      case 'CallbackAttemptFailed':
        return { ...row, state: 'QUEUED', updated_at: data.at };
      case 'CallbackAttemptWithdrawn':
        return { ...row, state: row.state === 'ROUTING' ? 'QUEUED' : row.state, updated_at: data.at };
      case 'CallbackConnected':
        return { ...row, state: 'PROCESSING', updated_at: data.at };
      case 'CallbackCancelled':
      case 'CallbackCompleted':
        return { ...row, state: 'COMPLETED', reason: data.reason, updated_at: data.at };
      case 'CallbackRetired':
        return undefined;
      case 'PersonalDataErased':
        return { ...row, phone_number: null, updated_at: data.at };
      default:
        return 'at' in data ? { ...row, updated_at: data.at } : row;
    }
  },
});
