import { defineProcess } from '../../../src/processes/kit/process.ts';

type State = { readonly queue: string; readonly since: string; readonly priority: number | null } | null;
export type Command = { readonly type: 'Requeue'; readonly id: string; readonly priority: number | null };

/** A callback in line is to be called: owed from CallbackQueued until CallbackCancelled or CallbackConnected … (any requeue renews it). */
export const calls = defineProcess<State, Command>({
  name: 'calls',
  version: 1,
  instanceOf: ({ type, streamId }) => (/^Callback(Queued|Requeued|AttemptPlaced|AttemptAnswered)$/.test(type) ? streamId : undefined),
  initial: null,
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'CallbackQueued':
        return { queue: data.queue, since: data.at, priority: data.priority };
      case 'CallbackRequeued':
        return state === null ? null : { ...state, since: data.at };
      case 'CallbackAttemptPlaced':
        return null;
      default:
        return state;
    }
  },
  todo: (state, id) =>
    state === null
      ? {}
      : { call: { group: `call:${state.queue}`, anchor: state.since, command: { type: 'Requeue', id, priority: state.priority } } },
});
