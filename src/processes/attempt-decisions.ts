import type { Decided } from '../domain/dispatch/events.ts';
import { callbackInstance } from './callback-instance.ts';
import { defineProcess } from './kit/process.ts';

type Decision = Decided['data'];
type State = Decision | null;
export type LapseCommand = { readonly type: 'LapseAttempt'; readonly decision: Decision };

/** The net under a pass: a decision that no start followed by its `placeBy` lapses, and its callback is in line again. */
export const attemptDecisions = defineProcess<State, LapseCommand>({
  name: 'attempt_decisions',
  version: 2,
  instanceOf: callbackInstance('AttemptDecided', 'AttemptVoided', 'CallbackAttemptStarted', 'CallbackDeferred'),
  initial: null,
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'AttemptDecided':
        return data;
      case 'AttemptVoided':
      case 'CallbackAttemptStarted':
        return state?.attemptId === data.attemptId ? null : state;
      case 'CallbackDeferred':
        return data.because === 'LOCAL_HOURS' ? null : state;
      default:
        return state;
    }
  },
  todo: (state) =>
    state === null ? {} : { lapse: { group: 'at-once', anchor: state.placeBy, command: { type: 'LapseAttempt', decision: state } } },
});
