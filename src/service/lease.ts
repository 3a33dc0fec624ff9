import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';

/** The advisory lock that one worker holds at a time, whatever database it is in. */
const LOCK = 7_246_225;
const LOOK_MS = 1_000;
/** A holder that is silent for so long, because it hangs or was stopped, loses its session and with it the lease. */
const SILENCE_MS = 5_000;

type LeaseTimes = { readonly lookMs?: number; readonly silenceMs?: number };

/** Opens a session that can hold the lease; `lost` says whether it has broken since. */
const openSession = async (connectionString: string, silenceMs: number) => {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: silenceMs, query_timeout: silenceMs });
  let lost = false;
  const lose = () => {
    lost = true;
  };
  client.on('error', lose).on('end', lose);
  const end = () => client.end().catch(() => undefined);
  try {
    await client.connect();
    await client.query(`set idle_session_timeout = ${silenceMs}`);
  } catch (error) {
    await end();
    throw error;
  }
  return {
    take: async (): Promise<boolean> =>
      (await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [LOCK])).rows[0]?.held === true,
    prove: () => client.query('select 1'),
    lose,
    isLost: () => lost,
    end,
  };
};

export type LeaseOptions = LeaseTimes & {
  readonly connectionString: string;
  readonly log: Logger;
  /** The lease is held from now on, until lost or given up; then the answer is closed before it is looked for again. */
  readonly held: (giveUp: () => void) => Promise<{ readonly close: () => Promise<void> }>;
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
    const session = await openSession(connectionString, silenceMs);
    try {
      while (!stop.signal.aborted && !(await session.take())) await pause();
      if (stop.signal.aborted) return;
      log.info('this node does the work: it holds the lease');
      const work = await held(session.lose);
      try {
        while (!stop.signal.aborted && !session.isLost()) {
          await pause();
          await session.prove();
        }
      } finally {
        if (!stop.signal.aborted) log.warn('the lease is lost; another node may do the work');
        await work.close();
      }
    } finally {
      await session.end();
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

/** Does work that needs the lease, for a command that runs beside nodes. Rejects with a sentence where a node holds it, or it is lost on the way. */
export const underLease = async <T>(
  { connectionString, lookMs = LOOK_MS, silenceMs = SILENCE_MS }: LeaseTimes & { readonly connectionString: string },
  work: () => Promise<T>,
): Promise<T> => {
  const session = await openSession(connectionString, silenceMs);
  const stop = new AbortController();
  const keep = async (): Promise<void> => {
    while (!stop.signal.aborted && !session.isLost()) {
      await setTimeout(lookMs, undefined, { signal: stop.signal, ref: false }).catch(() => undefined);
      await session.prove().catch(session.lose);
    }
  };
  try {
    if (!(await session.take())) {
      throw new Error(
        'Another node keeps the read models: give the command that node’s DATA_DIR, on its machine, or stop all nodes that do the work.',
      );
    }
    const keeping = keep();
    const result = await work().finally(async () => {
      stop.abort();
      await keeping;
    });
    if (session.isLost()) throw new Error('The lease was lost on the way, and a node may have begun to keep the read models: do it again.');
    return result;
  } finally {
    await session.end();
  }
};
