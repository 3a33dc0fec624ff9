import type { CallbackEvent, CallbackEventData } from './events.ts';
import type { Callback } from './state.ts';

type Completion = CallbackEventData<'CallbackCompleted'>;

/** The end of a callback for `reason`, at `now`; what isn't said is nothing. */
export const completed = (
  { queue }: Pick<Callback, 'queue'>,
  reason: Completion['reason'],
  stateBefore: Completion['stateBefore'],
  now: string,
  rest: Partial<Pick<Completion, 'endedBy' | 'unreported' | 'withdraws' | 'givesBack' | 'reportedAt'>> = {},
): CallbackEvent => ({
  type: 'CallbackCompleted',
  data: {
    ...{ queue, reason, stateBefore, endedBy: null, unreported: false, withdraws: null, givesBack: null, reportedAt: null },
    ...rest,
    at: now,
  },
});
