import { setTimeout } from 'node:timers/promises';

const LOOK_MS = 50;
/** How long a test waits for what has to come, however loaded the machine is; it is over as soon as it has come. */
export const PATIENCE_MS = 240_000;
/** A set-up, or a test of several such waits. */
export const TEST_MS = 3 * PATIENCE_MS;

/** Settles with the first answer of `look` that isn't undefined or false; rejects, saying what was waited for, after `limitMs`. */
export const until = async <T>(
  what: string,
  limitMs: number,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> => {
  for (const end = performance.now() + limitMs; ; ) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await setTimeout(LOOK_MS);
  }
};
