import type { OwnSettings, Settings } from './columns.ts';
import { type Configuration, DEFAULT_ROW, settingsOf } from './state.ts';

/** The column of a queue that no capacity rule goes with, and why not. */
export type Misfit = { readonly column: 'businessHours' | 'slotDurationMinutes'; readonly message: string };

/** What keeps a queue with these settings from having a capacity rule (2.2, 4.2); undefined for nothing. */
export const capacityMisfit = ({ businessHours, slotDurationMinutes }: Settings): Misfit | undefined => {
  if (businessHours === null)
    return { column: 'businessHours', message: 'a capacity rule goes by the zone of business hours: there must be some' };
  if (slotDurationMinutes === 120) return { column: 'slotDurationMinutes', message: 'must not be 120 where there is a capacity rule' };
  return undefined;
};

/** The same for a row that is to become `own`, and, where that is the default row, for every queue that takes values from it. */
export const misfitOfRow = (state: Configuration, queue: string, own: OwnSettings): Misfit | undefined => {
  const { assigned } = state.rules;
  const concerned = queue === DEFAULT_ROW ? [...assigned.keys()] : [queue];
  const row = { ...{ updatedAt: '', updatedBy: '', revision: 0n }, ...state.queues.get(queue), own };
  const after = { ...state, queues: new Map(state.queues).set(queue, row) };
  for (const one of concerned) {
    const settings = (assigned.get(one)?.capacity ?? null) === null ? undefined : settingsOf(after, one);
    const misfit = settings && capacityMisfit(settings);
    if (misfit !== undefined) return misfit;
  }
  return undefined;
};
