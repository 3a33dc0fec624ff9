import { type Configuration, settingsOf, takesBookings } from '../configuration/state.ts';
import type { WaitFacts } from '../waits/estimated-wait.ts';
import { offeredWait } from '../waits/offered-wait.ts';
import { isWithinImmediateOffer, officeOf } from './office.ts';

/** What a queue can be offered for now (3.4). `ewt` is in seconds, null while it is unknown. */
export type QueueStatus = {
  readonly ewt: number | null;
  readonly offerImmediateCallback: boolean;
  readonly offerScheduledCallback: boolean;
};

/**
 * What a queue offers at `now` (epoch ms): immediate callbacks while they are enabled and one that is booked now is forecast to be made in time,
 * with `loggedInCheck` only while somebody is logged in; scheduled ones while they are enabled. Undefined for a queue that isn't there.
 * One that is retired offers nothing.
 */
export const queueStatus = (configuration: Configuration, queue: string, facts: WaitFacts, now: number): QueueStatus | undefined => {
  const settings = settingsOf(configuration, queue);
  const office = officeOf(configuration, queue);
  if (settings === undefined || office === undefined) return undefined;
  const { immediateEnabled, scheduledEnabled, loggedInCheck } = settings;
  const wait = offeredWait(facts, loggedInCheck, now);
  const ewt = 'seconds' in wait ? wait.seconds : null;
  const nobody = loggedInCheck && 'unknown' in wait && wait.unknown === 'NOBODY_LOGGED_IN';
  const takes = takesBookings(configuration, queue);
  return {
    ewt,
    offerImmediateCallback: takes && immediateEnabled && !nobody && isWithinImmediateOffer(office, now, ewt),
    offerScheduledCallback: takes && scheduledEnabled,
  };
};
