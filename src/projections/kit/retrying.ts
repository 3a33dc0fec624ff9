import { setTimeout } from 'node:timers/promises';
import type { BaseLogger } from 'pino';
import { describeError } from './database.ts';
import { ProjectionsStopped } from './stop.ts';

export type Log = Pick<BaseLogger, 'info' | 'warn' | 'error'>;
export type Persistence = { readonly signal: AbortSignal; readonly log: Log };

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Waits before attempt `tries + 1`, in the machine's time, for what is away comes back in that. Ends early when `signal` aborts. */
export const backOff = (tries: number, signal: AbortSignal): Promise<unknown> =>
  setTimeout(Math.min(FIRST_PAUSE_MS * 2 ** Math.min(tries, 16), LONGEST_PAUSE_MS), undefined, { signal }).catch(() => undefined);

/**
 * Does `work` until it succeeds, with growing pauses. Gives up, throwing the last error, only when `signal` aborts
 * or with `ProjectionsStopped`. `again` tells work that was tried before.
 */
export const retrying = async <T>(what: string, { signal, log }: Persistence, work: (again: boolean) => Promise<T>): Promise<T> => {
  for (let tries = 0; ; tries++) {
    try {
      return await work(tries > 0);
    } catch (error) {
      if (signal.aborted || error instanceof ProjectionsStopped) throw error;
      log.warn({ error: describeError(error), tries: tries + 1 }, `${what} failed; trying again`);
      await backOff(tries, signal);
      if (signal.aborted) throw error;
    }
  }
};
