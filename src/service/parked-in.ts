import { type Kysely, sql } from 'kysely';
import type { ParkedEntries } from '../api/deps.ts';
import type { Reads } from '../domain/access/reads.ts';
import { isParked, type Only, parkedCounts, parkedEntries } from '../processes/kit/parked.ts';
import { aboutQueues } from './about-queues.ts';

const visibleTo = (reads: Reads): Only => aboutQueues(reads, sql`c.instance`);

/** What is parked, read from the processes' tables by any node. */
export const parkedIn = (db: Kysely<unknown>): ParkedEntries => ({
  list: async (limit, after, reads) => {
    const only = visibleTo(reads);
    const [rows, counts] = await Promise.all([parkedEntries(db, limit, after, only), parkedCounts(db, only)]);
    return { rows, total: counts.reduce((total, { count }) => total + count, 0) };
  },
  isParked: (entry, reads) => isParked(db, entry, visibleTo(reads)),
});
