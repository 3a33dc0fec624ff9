import type { Reads } from '../../domain/access/reads.ts';
import type { Principal } from '../../live/access.ts';

const NOTHING: Reads = new Set();

/** The queues that somebody reads (8.2): all of them a client, none who isn't known. */
export const readsBy = (principal: Principal | null): Reads => {
  if (principal === null) return NOTHING;
  return principal.kind === 'client' ? 'all' : principal.reads;
};
