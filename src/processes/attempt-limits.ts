import { callbackIdOf, isCallbackStream } from '../domain/callback/events.ts';
import { defineProcess } from './kit/process.ts';

type State = { readonly attemptId: string; readonly queue: string; readonly limit: 'report' | 'handling'; readonly since: string } | null;
export type LimitCommand =
  | { readonly type: 'TimeOutAttempt'; readonly attemptId: string; readonly queue: string }
  | { readonly type: 'EndUnreported'; readonly attemptId: string };

/** An attempt that nobody reports on becomes TIMEOUT after the report limit (7.4), a call whose end is never reported ends after the handling limit (7.2). */
export const attemptLimits = defineProcess<State, LimitCommand>({
  name: 'attempt_limits',
  version: 1,
  instanceOf: ({ streamId }) => (isCallbackStream(streamId) ? callbackIdOf(streamId) : undefined),
  initial: null,
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'CallbackAttemptStarted':
        return { attemptId: data.attemptId, queue: data.queue, limit: 'report', since: data.at };
      case 'CallbackAttemptAnswered':
      case 'CallbackConnected':
        return { attemptId: data.attemptId, queue: data.queue, limit: 'handling', since: data.at };
      case 'CallbackAttemptFailed':
      case 'CallbackAttemptWithdrawn':
      case 'CallbackCancelled':
      case 'CallbackCompleted':
        return null;
      default:
        return state;
    }
  },
  todo: (state) => {
    if (state === null) return {};
    const { attemptId, queue, limit, since } = state;
    const command: LimitCommand = limit === 'report' ? { type: 'TimeOutAttempt', attemptId, queue } : { type: 'EndUnreported', attemptId };
    return { [limit]: { group: `${limit}:${queue}`, anchor: since, command } };
  },
});
