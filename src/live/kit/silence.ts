/** Silence of a source after which what it said of the present counts no more (7.1). */
export const SILENCE_MS = 30_000;

/** Silence of a source after which it is forgotten, its sequence too: a report of any sequence begins anew then. */
export const FORGOTTEN_MS = 5 * 60_000;

/** So many sources of one kind of report are known at a time. */
export const MOST_SOURCES = 100;
