/** Silence of a source after which what it said of the present counts no more (7.1). */
export const SILENCE_MS = 30_000;
