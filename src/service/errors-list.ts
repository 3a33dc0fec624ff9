import { setImmediate } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { ErrorsList, NotedFailure } from '../api/errors-list/failed-query.ts';
import type { Clock } from '../clock.ts';
import { type ErrorsBudget, errorsBudget, hourlyBudget } from './errors-list-budget.ts';
import { errorsTable, findError, insertErrors, listErrors, purgeErrors } from './errors-list-table.ts';

const MOST_WAITING = 1_000;
const MOST_AT_ONCE = 200;
const RETRY_MS = 1_000;
const PURGE_MS = 3_600_000;

export type ErrorsListOptions = {
  readonly db: Kysely<unknown>;
  readonly clock: Clock;
  readonly log: Logger;
  /** How many failures wait in memory; the oldest makes room. */
  readonly mostWaiting?: number;
  readonly budget?: ErrorsBudget;
};

/**
 * The errors list of a node (8.5), in Postgres. What is noted waits in a bounded buffer and is written behind the requests, all that came
 * meanwhile at once; while Postgres is away it waits, and the oldest is lost. A flood fills no more than a budget by the hour.
 */
export const startErrorsList = (options: ErrorsListOptions): ErrorsList & { readonly close: () => Promise<void> } => {
  const { db, clock, log, mostWaiting = MOST_WAITING, budget = errorsBudget } = options;
  const spent = hourlyBudget(budget);
  const unlisted = { buffer: 0, asker: 0, all: 0 };
  const waiting: NotedFailure[] = [];
  let writing: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;
  let warned = false;

  const ready = errorsTable(db, clock);
  const trim = (): void => {
    const over = waiting.length - mostWaiting;
    if (over > 0) unlisted.buffer += waiting.splice(0, over).length;
  };
  const writeAll = async (): Promise<void> => {
    await setImmediate(); // the answers go first
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MOST_AT_ONCE);
      try {
        await ready();
        await insertErrors(db, batch);
        warned = false;
      } catch (error) {
        waiting.unshift(...batch);
        trim();
        if (!warned) log.warn({ err: error }, 'failed queries could not be written to the errors list; trying again');
        warned = true;
        if (!closed) retry = setTimeout(write, RETRY_MS).unref();
        return;
      }
    }
  };
  const write = (): void => {
    retry = undefined;
    writing ??= writeAll().finally(() => {
      writing = undefined;
      if (waiting.length > 0 && retry === undefined && !closed) write();
    });
  };
  /** Lets what was noted before be in the table, if Postgres takes it. */
  const written = async (): Promise<void> => {
    await ready();
    await writing;
  };

  let cancelPurge = () => {};
  const purgeLater = (): void => {
    cancelPurge = clock.at(clock.now() + PURGE_MS, () => {
      purgeLater();
      ready()
        .then(() => purgeErrors(db, clock.now()))
        .catch(() => undefined); // what is too old isn't shown, and goes in an hour
    });
  };
  purgeLater();

  return {
    note: (failed) => {
      const over = spent(failed.asker, clock.now());
      if (over !== undefined) {
        unlisted[over] += 1;
        return;
      }
      waiting.push(failed);
      trim();
      if (retry === undefined && !closed) write();
    },
    list: async (query, reads) => {
      await written();
      return listErrors(db, query, reads, clock.now());
    },
    find: async (correlationId, reads) => {
      await written();
      return findError(db, correlationId, reads, clock.now());
    },
    unlisted: () => unlisted,
    close: async () => {
      closed = true;
      cancelPurge();
      clearTimeout(retry);
      await writing;
      await writeAll();
    },
  };
};
