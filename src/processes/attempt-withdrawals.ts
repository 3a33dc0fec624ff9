import { callbackInstance } from './callback-instance.ts';
import { defineProcess } from './kit/process.ts';

type State = { readonly attemptId: string; readonly since: string } | null;
export type WithdrawCommand = { readonly type: 'WithdrawAttempt'; readonly attemptId: string; readonly since: string };

/** The contact center is told of an attempt that isn't wanted any more: cancelled while it rang, or timed out. */
export const attemptWithdrawals = defineProcess<State, WithdrawCommand>({
  name: 'attempt_withdrawals',
  version: 1,
  instanceOf: callbackInstance(
    'CallbackCancelled',
    'CallbackCompleted',
    'CallbackAttemptFailed',
    'CallbackWithdrawRequested',
    'CallbackAttemptWithdrawn',
  ),
  initial: null,
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'CallbackCancelled':
      case 'CallbackCompleted':
        return data.withdraws === null ? state : { attemptId: data.withdraws, since: data.at };
      case 'CallbackAttemptFailed':
        return data.settled ? state : { attemptId: data.attemptId, since: data.at };
      case 'CallbackWithdrawRequested':
      case 'CallbackAttemptWithdrawn':
        return state?.attemptId === data.attemptId ? null : state;
      default:
        return state;
    }
  },
  todo: (state) =>
    state === null ? {} : { withdraw: { group: 'at-once', anchor: state.since, command: { type: 'WithdrawAttempt', ...state } } },
});
