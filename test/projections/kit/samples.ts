import { defineProjection } from '../../../src/projections/kit/projection.ts';
import { example } from '../../laws/example.ts';

export const at = (second: number): string => new Date(Date.UTC(2026, 2, 1, 10, 0, second)).toISOString();

export const queued = (queue: string, second = 0) => example('CallbackQueued', { queue, at: at(second) });
export const requeued = (queue: string, second = 0) => example('CallbackRequeued', { queue, at: at(second) });
export const placed = (queue: string, attemptId: string, second = 0) =>
  example('CallbackAttemptPlaced', { queue, attemptId, at: at(second) });
export const keyRevoked = (keyName: string) => example('ApiKeyRevoked', { keyName });
export const booked = (queue: string, phoneNumber: string) => example('CallbackBooked', { queue, phoneNumber, keyId: 'key' });

export type CountRow = {
  readonly key: string;
  readonly queue: string;
  readonly times: number;
  readonly first_at: string;
  readonly revisions: string;
  readonly seen: readonly string[];
  readonly last: { readonly type: string; readonly at: string | null };
  readonly day: string;
};

/** One row a stream, of a column of each kind. A requeue of queue 'gone' deletes it, one of 'boom' breaks the fold. */
export const counts = defineProjection<CountRow>({
  name: 'counts',
  version: 1,
  personal: false,
  columns: {
    key: 'text',
    queue: 'text',
    times: 'int',
    first_at: 'timestamptz',
    revisions: 'bigint',
    seen: 'text[]',
    last: 'jsonb',
    day: 'date',
  },
  indexes: ['(queue, key)'],
  keysOf: ({ type, streamId }) => (type === 'CallbackQueued' || type === 'CallbackRequeued' ? [streamId] : []),
  fold: (row, event, key) => {
    if (event.type !== 'CallbackQueued' && event.type !== 'CallbackRequeued') return row;
    const { queue, at } = event.data;
    if (queue === 'boom') throw new RangeError('boom');
    if (event.type === 'CallbackRequeued' && queue === 'gone') return undefined;
    if (event.type === 'CallbackRequeued' && queue === 'same') return row;
    return {
      key,
      queue,
      times: (row?.times ?? 0) + 1,
      first_at: row?.first_at ?? at,
      revisions: (BigInt(row?.revisions ?? '0') + event.revision).toString(),
      seen: [...(row?.seen ?? []), `${event.type} "${queue}" {,\\`],
      last: { type: event.type, at },
      day: at.slice(0, 10),
    };
  },
});

export type QueueRow = { readonly key: string; readonly times: number };

/** One row a queue, over all streams. */
export const perQueue = defineProjection<QueueRow>({
  name: 'per_queue',
  version: 1,
  personal: false,
  columns: { key: 'text', times: 'int' },
  keysOf: (event) => (event.type === 'CallbackQueued' || event.type === 'CallbackRequeued' ? [event.data.queue] : []),
  fold: (row, _event, key) => ({ key, times: (row?.times ?? 0) + 1 }),
});

export type NumberRow = { readonly key: string; readonly phone_number: string | null };

export const numbers = (personal: boolean) =>
  defineProjection<NumberRow>({
    name: personal ? 'numbers' : 'no_numbers',
    version: 1,
    personal,
    columns: { key: 'text', phone_number: 'text' },
    keysOf: ({ type, streamId }) => (type === 'CallbackBooked' ? [streamId] : []),
    fold: (row, event, key) => (event.type === 'CallbackBooked' ? { key, phone_number: event.data.phoneNumber } : row),
  });
