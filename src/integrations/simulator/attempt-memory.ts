export type Over = 'ENDED' | 'WITHDRAWN';

/** Long after any repeat of a message may still arrive. */
const KEEP_MS = 3_600_000;
const MOST = 100_000;

/**
 * Remembers attempts that are over, so that a repeat of a message is recognised and never dials again: for an hour, the last hundred
 * thousand of them. `now` is epoch ms.
 */
export const attemptMemory = () => {
  const over = new Map<string, { readonly how: Over; readonly since: number }>();
  return {
    of: (attemptId: string): Over | undefined => over.get(attemptId)?.how,
    remember: (attemptId: string, how: Over, now: number): void => {
      over.delete(attemptId);
      over.set(attemptId, { how, since: now });
      for (const [oldest, { since }] of over) {
        if (since + KEEP_MS > now && over.size <= MOST) break;
        over.delete(oldest);
      }
    },
    size: (): number => over.size,
  };
};
