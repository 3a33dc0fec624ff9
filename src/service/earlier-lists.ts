import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { EarlierLists } from '../api/deps.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import { callbackList } from '../projections/callback-list.ts';
import { type AsOf, asOf } from '../projections/kit/as-of.ts';
import { tableModel } from '../projections/kit/model.ts';
import { mutex } from '../projections/kit/mutex.ts';
import { positionAt } from './position-at.ts';

/** Rows in memory while an earlier position is folded: what it costs, whatever the log's length. */
const CACHE_ROWS = 20_000;
/** Positions that are kept, so that one can go through their pages … */
const KEPT = 4;
/** … until nobody has asked for so long, in the machine's time. */
const IDLE_MS = 600_000;

export type EarlierListsOptions = {
  readonly db: Kysely<unknown>;
  readonly store: EventStore;
  readonly log: Logger;
};

type Entry = { readonly made: Promise<AsOf>; isMade: boolean; readers: number; usedAt: number };

/**
 * Lists as they were at earlier positions: one after another is folded from its nearest snapshot beside everything else, by whichever
 * node is asked, and kept for a while.
 */
export const earlierLists = ({ db, store, log }: EarlierListsOptions): EarlierLists & { readonly close: () => Promise<void> } => {
  const model = tableModel(callbackList);
  const stop = new AbortController();
  const oneByOne = mutex();
  const entries = new Map<bigint, Entry>();

  const forget = async (position: bigint, { made }: Entry): Promise<void> => {
    entries.delete(position);
    const drop = (await made.catch(() => undefined))?.drop;
    await drop?.().catch((error) => log.warn({ err: error }, 'the table of an earlier position stays until a start removes it'));
  };
  const isFree = ({ isMade, readers }: Entry) => isMade && readers === 0;
  const tidy = async (most: number): Promise<void> => {
    const oldest = [...entries].filter(([, entry]) => isFree(entry)).sort(([, a], [, b]) => a.usedAt - b.usedAt);
    const limit = performance.now() - IDLE_MS;
    for (const [position, entry] of oldest) {
      const isStill = entries.get(position) === entry && isFree(entry); // somebody may have come while another was dropped
      if (isStill && (entries.size > most || entry.usedAt < limit)) await forget(position, entry);
    }
  };
  const timer = setInterval(() => void tidy(KEPT), IDLE_MS / 2).unref();

  const make = (position: bigint): Entry => {
    const made = oneByOne(() => {
      stop.signal.throwIfAborted();
      return asOf({ db, store, signal: stop.signal, log, cacheRows: CACHE_ROWS }, model, position);
    });
    const entry: Entry = { made, isMade: false, readers: 0, usedAt: performance.now() };
    entries.set(position, entry);
    made.then(
      () => {
        entry.isMade = true;
      },
      () => entries.delete(position),
    );
    return entry;
  };

  return {
    positionAt: (instant) => positionAt(db, store, instant),
    instantAt: store.instantAt,
    read: async (position, waitMs, use) => {
      if (!entries.has(position)) await tidy(KEPT - 1);
      const entry = entries.get(position) ?? (entries.size < KEPT ? make(position) : undefined);
      if (entry === undefined) return undefined;
      entry.readers++;
      const patience = new AbortController();
      try {
        const late = new Promise<undefined>((resolve) => {
          const wait = setTimeout(() => resolve(undefined), waitMs);
          patience.signal.addEventListener('abort', () => clearTimeout(wait), { once: true });
        });
        const found = await Promise.race([entry.made, late]);
        return found && (await use(found.table));
      } finally {
        patience.abort();
        entry.readers--;
        entry.usedAt = performance.now();
      }
    },
    close: async () => {
      clearInterval(timer);
      stop.abort();
      await Promise.all([...entries].map(([position, entry]) => forget(position, entry)));
    },
  };
};
