import { callbackInstance } from './callback-instance.ts';
import { defineProcess } from './kit/process.ts';

type State = string | null;
export type RetireCommand = { readonly type: 'RetireCallback'; readonly callbackId: string };

/** A callback is retired when its time to live from the desired time is over (1.13), open or not. The state is that desired time. */
export const retention = defineProcess<State, RetireCommand>({
  name: 'retention',
  version: 1,
  instanceOf: callbackInstance('CallbackBooked', 'CallbackRescheduled', 'CallbackRetired'),
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
