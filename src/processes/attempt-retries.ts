import type { FailingOutcome } from '../domain/callback/events.ts';
import { callbackInstance } from './callback-instance.ts';
import { defineProcess } from './kit/process.ts';

/** Outcomes that share a retry delay (2.2). */
export type RetryClass = 'busy' | 'noAnswer' | 'machine' | 'error';

type State = { readonly attemptId: string; readonly queue: string; readonly group: string; readonly anchor: string } | null;
export type RetryCommand = { readonly type: 'RequeueCallback'; readonly attemptId: string; readonly queue: string };

const classOf: Readonly<Record<FailingOutcome, RetryClass>> = {
  BUSY: 'busy',
  NO_ANSWER: 'noAnswer',
  TIMEOUT: 'noAnswer',
  ANSWERING_MACHINE: 'machine',
  FAX: 'machine',
  ERROR_TONE: 'error',
  INVALID_NUMBER: 'error',
  FAILED: 'error',
};
/**
 * A failed attempt's callback is in line again after the delay that its queue sets for the outcome (7.4). Where the attempt may still ring then, it is
 * once that could only have rung by now, by the ring limit of the moment, or once it was withdrawn (7.6).
 */
export const attemptRetries = defineProcess<State, RetryCommand>({
  name: 'attempt_retries',
  version: 2,
  instanceOf: callbackInstance(
    'CallbackAttemptFailed',
    'CallbackDeferred',
    'CallbackAttemptWithdrawn',
    'CallbackRequeued',
    'CallbackAttemptStarted',
    'CallbackCancelled',
    'CallbackCompleted',
  ),
  initial: null,
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'CallbackAttemptFailed':
        return data.final
          ? null
          : { attemptId: data.attemptId, queue: data.queue, group: `retry:${classOf[data.outcome]}:${data.queue}`, anchor: data.at };
      case 'CallbackDeferred':
        if (state === null) return null;
        return data.placeBy === undefined
          ? { ...state, group: 'at-once', anchor: data.until }
          : { ...state, group: `ring:${state.queue}`, anchor: data.placeBy };
      case 'CallbackAttemptWithdrawn':
        return state?.group.startsWith('ring:') ? { ...state, group: 'at-once', anchor: data.at } : state;
      case 'CallbackRequeued':
      case 'CallbackAttemptStarted':
      case 'CallbackCancelled':
      case 'CallbackCompleted':
        return null;
      default:
        return state;
    }
  },
  todo: (state) => {
    if (state === null) return {};
    const { attemptId, queue, group, anchor } = state;
    return { retry: { group, anchor, command: { type: 'RequeueCallback', attemptId, queue } } };
  },
});
