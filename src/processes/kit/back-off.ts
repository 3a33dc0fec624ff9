const FIRST_MS = 1_000;
const LONGEST_MS = 5 * 60_000;

/** Milliseconds of clock time until the next try after `tries` failed ones: doubling, up to five minutes, spread by half to each side. `random`: 0 to 1. */
export const pauseAfter = (tries: number, random: number): number => Math.min(FIRST_MS * 2 ** (tries - 1), LONGEST_MS) * (0.5 + random);
