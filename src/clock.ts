/** Time as everything in the service sees it. Instants are milliseconds since the epoch. */
export type Clock = {
  readonly now: () => number;
  /** Calls `then` once the clock has reached `instant`; the answer cancels it. */
  readonly at: (instant: number, then: () => void) => () => void;
};

const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** How soon a wait notices that the time of day was set, or that the machine slept: timers go by neither. */
const STEP_LOOK_MS = 1_000;

/**
 * A clock that begins at `start` (epoch ms) and runs `speed` times as fast as the machine's, measured on its monotonic clock.
 * Without them it is the real time of day, and follows steps of it.
 */
export const startClock = (options?: { start: number; speed: number }, timeOfDay: () => number = Date.now): Clock => {
  const begun = performance.now();
  const now = options === undefined ? timeOfDay : () => Math.floor(options.start + (performance.now() - begun) * options.speed);
  const speed = options?.speed ?? 1;
  const longest = options === undefined ? STEP_LOOK_MS : LONGEST_TIMER_MS;
  const at = (instant: number, then: () => void): (() => void) => {
    let timer: NodeJS.Timeout;
    const inAWhile = () => setTimeout(wait, Math.min(Math.max(0, Math.ceil((instant - now()) / speed)), longest));
    const wait = () => {
      if (instant <= now()) then();
      else timer = inAWhile();
    };
    timer = inAWhile();
    return () => clearTimeout(timer);
  };
  return { now, at };
};

/** Resolves once the clock has reached `instant`, or at once when `signal` is aborted. */
export const sleepUntil = (clock: Clock, instant: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const cancel = clock.at(instant, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    const stop = () => {
      cancel();
      resolve();
    };
    signal?.addEventListener('abort', stop, { once: true });
  });

/** The instant as event data and answers write it: UTC, with milliseconds. */
export const iso = (instant: number): string => new Date(instant).toISOString();
