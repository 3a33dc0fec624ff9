import { type EstimatedWait, estimateWait, type WaitFacts } from './estimated-wait.ts';

/**
 * The wait that a queue's offers are made by (3.4): that of mode2. Where nobody is logged in, a queue that doesn't check that goes by the flow
 * alone, as mode1 does.
 */
export const offeredWait = (facts: WaitFacts, loggedInCheck: boolean, now: number): EstimatedWait => {
  const wait = estimateWait('mode2', facts, now);
  return 'unknown' in wait && wait.unknown === 'NOBODY_LOGGED_IN' && !loggedInCheck ? estimateWait('mode1', facts, now) : wait;
};
