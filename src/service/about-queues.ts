import { type RawBuilder, sql } from 'kysely';
import type { Reads } from '../domain/access/reads.ts';

/** A condition on what is about a callback, by its id: of those queues. Where that isn't known, only those who read every queue see it (8.2). */
export const aboutQueues = (reads: Reads, callbackId: RawBuilder<unknown>): RawBuilder<unknown> =>
  reads === 'all'
    ? sql`true`
    : sql`exists (select 1 from callback_list l where l.key = ${callbackId} and l.queue = any(${[...reads]}::text[]))`;
