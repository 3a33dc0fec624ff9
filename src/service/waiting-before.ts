import { type Kysely, sql } from 'kysely';
import { NotYetError } from '../processes/kit/not-yet.ts';
import type { WaitingBefore } from '../processes/purge-day.ts';

const PAGE = 1_000;
/** What the table usually needs is some milliseconds; while it is really behind, the poller has other things to do. */
const WAIT_MS = 1_000;

export type WaitingBeforeDeps = {
  readonly db: Kysely<unknown>;
  readonly lastPosition: () => Promise<bigint | undefined>;
  /** See the engine's own. */
  readonly waitFor: (position: bigint, timeoutMs: number, name: string) => Promise<boolean>;
};

/**
 * Who waits in a queue, read page by page from the table of the waiting lines, once that has everything that is in the log now. Throws
 * `NotYetError` while it is behind.
 */
export const waitingBefore = ({ db, lastPosition, waitFor }: WaitingBeforeDeps): WaitingBefore =>
  async function* (queue, instant) {
    const last = await lastPosition();
    if (last !== undefined && !(await waitFor(last, WAIT_MS, 'waiting_line')))
      throw new NotYetError('the waiting lines are behind the log');
    for (let [entered, key] = ['-infinity', '']; ; ) {
      const { rows } = await sql<{ key: string; entered: string }>`
        select key, entered_at::text as entered from waiting_line
        where queue = ${queue} and state = 'QUEUED' and entered_at < ${instant}::timestamptz
          and (entered_at, key) > (${entered}::timestamptz, ${key})
        order by entered_at, key limit ${PAGE}`.execute(db);
      yield rows.map((row) => row.key);
      const end = rows.at(-1);
      if (end === undefined || rows.length < PAGE) return;
      ({ entered, key } = end);
    }
  };
