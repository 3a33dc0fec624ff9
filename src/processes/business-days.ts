import { isCallbackStream } from '../domain/callback/events.ts';
import { defineProcess } from './kit/process.ts';

/** `used`: somebody has entered the queue; `closed`: when its last business day ended; `purges`: the day whose waiting callbacks are to go, and when that was recorded. */
type State = {
  readonly used: boolean;
  readonly closed: string | null;
  readonly purges: { readonly day: string; readonly closedAt: string; readonly at: string } | null;
};
export type BusinessDayCommand =
  | { readonly type: 'CloseBusinessDay'; readonly queue: string; readonly after: string | null }
  | { readonly type: 'PurgeBusinessDay'; readonly queue: string; readonly day: string; readonly closedAt: string };

/** An anchor at zero: what the group's offset says is the instant itself. */
const EPOCH = '1970-01-01T00:00:00.000Z';

/**
 * A queue's business days end, and with each all who still wait are purged (3.6, 6.1). An instance is a queue, from the first who entered it
 * on; of one that is gone, or without hours, no day ends.
 */
export const businessDays = defineProcess<State, BusinessDayCommand>({
  name: 'business_days',
  version: 1,
  instanceOf: ({ streamId, type, data }) => {
    switch (type) {
      case 'CallbackQueued':
        return isCallbackStream(streamId) ? data.queue : undefined;
      case 'BusinessDayClosed':
      case 'BusinessDayPurged':
        return data.queue;
      default:
        return undefined;
    }
  },
  initial: { used: false, closed: null, purges: null },
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'CallbackQueued':
        return state.used ? state : { ...state, used: true };
      case 'BusinessDayClosed':
        return { ...state, closed: data.closedAt, purges: { day: data.day, closedAt: data.closedAt, at: data.at } };
      case 'BusinessDayPurged':
        return state.purges?.closedAt === data.closedAt ? { ...state, purges: null } : state;
      default:
        return state;
    }
  },
  todo: ({ used, closed, purges }, queue) => ({
    ...(used
      ? { close: { group: `day-end:${queue}`, anchor: EPOCH, command: { type: 'CloseBusinessDay' as const, queue, after: closed } } }
      : {}),
    ...(purges === null
      ? {}
      : {
          purge: {
            ...{ group: 'at-once', anchor: purges.at },
            command: { type: 'PurgeBusinessDay' as const, queue, day: purges.day, closedAt: purges.closedAt },
          },
        }),
  }),
});
