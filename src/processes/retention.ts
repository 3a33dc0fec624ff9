import { callbackIdOf, isCallbackStream } from '../domain/callback/events.ts';
import { defineProcess } from './kit/process.ts';

type State = string | null;
export type RetireCommand = { readonly type: 'RetireCallback'; readonly callbackId: string };

const RELEVANT = new Set(['CallbackBooked', 'CallbackRescheduled', 'CallbackRetired']);

/** A callback is retired when its time to live from the desired time is over (1.13), open or not. The state is that desired time. */
export const retention = defineProcess<State, RetireCommand>({
  name: 'retention',
  version: 1,
  instanceOf: ({ streamId, type }) => (isCallbackStream(streamId) && RELEVANT.has(type) ? callbackIdOf(streamId) : undefined),
  initial: null,
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'CallbackBooked':
      case 'CallbackRescheduled':
        return data.desiredTime;
      case 'CallbackRetired':
        return null;
      default:
        return state;
    }
  },
  todo: (desiredTime, callbackId) =>
    desiredTime === null ? {} : { retire: { group: 'retire', anchor: desiredTime, command: { type: 'RetireCallback', callbackId } } },
});
