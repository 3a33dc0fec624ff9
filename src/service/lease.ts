import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';

/** The advisory lock that one worker holds at a time, whatever database it is in. */
const LOCK = 7_246_225;
const LOOK_MS = 1_000;
/** A holder that is silent for so long, because it hangs or was stopped, loses its session and with it the lease. */
const SILENCE_MS = 5_000;

export type LeaseOptions = {
  readonly connectionString: string;
  readonly log: Logger;
  /** The lease is held from now on, until lost or given up; then the answer is closed before it is looked for again. */
  readonly held: (giveUp: () => void) => Promise<{ readonly close: () => Promise<void> }>;
  readonly lookMs?: number;
  readonly silenceMs?: number;
};

/**
 * Holds what only one node may do under a Postgres advisory lock, and gives it up as soon as the lock can't be shown to be held any more.
 * The lock only saves work: what a deposed holder still does is fenced by expected revisions and checkpoints.
 */
export const followLease = ({
  connectionString,
  log,
  held,
  lookMs = LOOK_MS,
  silenceMs = SILENCE_MS,
}: LeaseOptions): { readonly close: () => Promise<void> } => {
  const stop = new AbortController();
  const pause = () => setTimeout(lookMs, undefined, { signal: stop.signal, ref: false }).catch(() => undefined);

  const tryOnce = async (): Promise<void> => {
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: silenceMs, query_timeout: silenceMs });
    let lost = false;
    client.on('error', () => {
      lost = true;
    });
    client.on('end', () => {
      lost = true;
    });
    try {
      await client.connect();
      await client.query(`set idle_session_timeout = ${silenceMs}`);
      const isHeld = async () =>
        (await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [LOCK])).rows[0]?.held === true;
      while (!stop.signal.aborted && !(await isHeld())) await pause();
      if (stop.signal.aborted) return;
      log.info('this node does the work: it holds the lease');
      const work = await held(() => {
        lost = true;
      });
      try {
        while (!stop.signal.aborted && !lost) {
          await pause();
          await client.query('select 1');
        }
      } finally {
        if (!stop.signal.aborted) log.warn('the lease is lost; another node may do the work');
        await work.close();
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  };

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await tryOnce().catch((error) => log.warn({ err: error }, 'the lease could not be looked at; trying again'));
      if (!stop.signal.aborted) await pause();
    }
  };
  const running = run();
  return {
    close: async () => {
      stop.abort();
      await running;
    },
  };
};
