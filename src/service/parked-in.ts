import type { Kysely } from 'kysely';
import type { ParkedEntries } from '../api/deps.ts';
import { isParked, parkedCounts, parkedEntries } from '../processes/kit/parked.ts';

/** What is parked, read from the processes' tables by any node. */
export const parkedIn = (db: Kysely<unknown>): ParkedEntries => ({
  list: async (limit, after) => {
    const [rows, counts] = await Promise.all([parkedEntries(db, limit, after), parkedCounts(db)]);
    return { rows, total: counts.reduce((total, { count }) => total + count, 0) };
  },
  isParked: (entry) => isParked(db, entry),
});
