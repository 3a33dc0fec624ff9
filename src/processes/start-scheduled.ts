import { callbackInstance } from './callback-instance.ts';
import { defineProcess } from './kit/process.ts';

type State = { readonly queue: string; readonly desiredTime: string } | null;
export type StartCommand = {
  readonly type: 'QueueCallback';
  readonly callbackId: string;
  readonly queue: string;
  readonly desiredTime: string;
};

/** A SCHEDULED callback becomes QUEUED at its desired time less its queue's estimated wait (7.2). */
export const startScheduled = defineProcess<State, StartCommand>({
  name: 'start_scheduled',
  version: 1,
  instanceOf: callbackInstance('CallbackBooked', 'CallbackRescheduled', 'CallbackQueued', 'CallbackCancelled', 'CallbackCompleted'),
  initial: null,
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'CallbackBooked':
        return data.kind === 'SCHEDULED' ? { queue: data.queue, desiredTime: data.desiredTime } : null;
      case 'CallbackRescheduled':
        return { queue: data.queue, desiredTime: data.desiredTime };
      case 'CallbackQueued':
      case 'CallbackCancelled':
      case 'CallbackCompleted':
        return null;
      default:
        return state;
    }
  },
  todo: (state, callbackId) =>
    state === null
      ? {}
      : {
          start: {
            group: `start:${state.queue}`,
            anchor: state.desiredTime,
            command: { type: 'QueueCallback', callbackId, ...state },
          },
        },
});
