import type { Recorded } from './contact-center.ts';

type Placed = Extract<Recorded, { kind: 'place' }>;

/**
 * What the contact center's record says against the service (7.6), a sentence a fault: an attempt id that came twice, a next attempt while the
 * last one could still ring, a message that can't be read. `ringLimitMs` is the queue's.
 */
export const dialingFaults = (record: readonly Recorded[], ringLimitMs: number): readonly string[] => {
  const faults: string[] = [];
  const placed = new Map<string, Placed>();
  const ringing = new Map<string, Placed>();
  for (const entry of record) {
    if (entry.kind === 'unreadable') faults.push('a message could not be read');
    if (entry.kind === 'over') {
      const callbackId = placed.get(entry.attemptId)?.callbackId ?? '';
      if (ringing.get(callbackId)?.attemptId === entry.attemptId) ringing.delete(callbackId);
    }
    if (entry.kind !== 'place') continue;
    const { attemptId, callbackId, rings, at } = entry;
    if (placed.has(attemptId)) faults.push(`attempt ${attemptId} came twice`);
    placed.set(attemptId, entry);
    const before = ringing.get(callbackId);
    if (rings && before !== undefined && at < before.placeBy + ringLimitMs)
      faults.push(`attempt ${attemptId} came while ${before.attemptId} could still ring`);
    if (rings) ringing.set(callbackId, entry);
  }
  return faults;
};
