/** What the demo does beyond its options, in one place. Shares are 0–1; times are ms, the machine's where it says so. */
export const demo = {
  queue: 'demo',
  /** A desired time is this many hours after the call, at least and at most, on the next quarter of an hour. */
  hoursAhead: [1, 5],
  /** Share of customers with a number of 555-0100 to 555-0199, who answer at the first attempt. */
  answerAtFirst: 0.3,
  /** How long after the day the demo waits for what is still open, in the clock's time. */
  overtimeMs: 6 * 3_600_000,
  bookingsInFlight: 32,
  historiesInFlight: 8,
  /** The machine's time. */
  lookEveryMs: 1_000,
  lineEveryMs: 5_000,
  saveEveryMs: 100,
  saveAheadMs: 300,
  requestTimeoutMs: 30_000,
  retryWaitMs: 250,
} as const;

const LONGEST_LIMIT_SECONDS = 3_600;

/**
 * The queue's limits on the way to the contact center and back, for a clock that runs `clockSpeed` times as fast as the machine's: a
 * network's fraction of a second is minutes there.
 */
export const queueLimits = (clockSpeed: number) => {
  const widened = (seconds: number, machineSeconds: number) =>
    Math.min(Math.ceil(seconds + machineSeconds * clockSpeed), LONGEST_LIMIT_SECONDS);
  return { placeWithinSeconds: widened(10, 0.5), ringLimitSeconds: widened(60, 0.5), reportLimitSeconds: widened(120, 1) };
};
