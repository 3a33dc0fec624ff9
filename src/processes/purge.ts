import { callbackInstance } from './callback-instance.ts';
import { defineProcess } from './kit/process.ts';

/** `since`: when it entered the queue, which a retry doesn't change; `waits`: it is QUEUED, and not ROUTING. */
type State = { readonly queue: string; readonly since: string; readonly waits: boolean } | null;
export type PurgeCommand = { readonly type: 'PurgeCallback'; readonly callbackId: string; readonly queue: string };

/** Whoever waits longer than the queue allows is purged (6.1): one whose attempt failed after that as soon as it waits again. */
export const purge = defineProcess<State, PurgeCommand>({
  name: 'purge',
  version: 1,
  instanceOf: callbackInstance(
    'CallbackQueued',
    'CallbackAttemptStarted',
    'CallbackAttemptFailed',
    'CallbackAttemptWithdrawn',
    'CallbackConnected',
    'CallbackCancelled',
    'CallbackCompleted',
  ),
  initial: null,
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'CallbackQueued':
        return { queue: data.queue, since: data.at, waits: true };
      case 'CallbackAttemptStarted':
        return state && { ...state, waits: false };
      case 'CallbackAttemptFailed':
      case 'CallbackAttemptWithdrawn':
        return state && { ...state, waits: true };
      case 'CallbackConnected':
      case 'CallbackCancelled':
      case 'CallbackCompleted':
        return null;
      default:
        return state;
    }
  },
  todo: (state, callbackId) =>
    state?.waits
      ? {
          purge: { group: `purge:${state.queue}`, anchor: state.since, command: { type: 'PurgeCallback', callbackId, queue: state.queue } },
        }
      : {},
});
