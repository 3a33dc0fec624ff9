import type { Kysely } from 'kysely';
import type { DeadLetters } from '../api/deps.ts';
import { callbackOfBlock, countDeadLetters, deadLetters } from '../projections/kit/dead-letters.ts';
import { aboutQueues } from './about-queues.ts';

/** What is blocked, read from the engine's tables by any node. */
export const deadLettersIn =
  (db: Kysely<unknown>): DeadLetters =>
  async (limit, after, reads) => {
    const only = aboutQueues(reads, callbackOfBlock);
    const [rows, total] = await Promise.all([deadLetters(db, limit, after, only), countDeadLetters(db, only)]);
    return { rows, total };
  };
