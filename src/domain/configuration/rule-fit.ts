import type { Settings } from './columns.ts';

/** The column of a queue that no capacity rule goes with, and why not. */
export type Misfit = { readonly column: 'businessHours' | 'slotDurationMinutes'; readonly message: string };

/** What keeps a queue with these settings from having a capacity rule (2.2, 4.2); undefined for nothing. */
export const capacityMisfit = ({ businessHours, slotDurationMinutes }: Settings): Misfit | undefined => {
  if (businessHours === null)
    return { column: 'businessHours', message: 'a capacity rule goes by the zone of business hours: there must be some' };
  if (slotDurationMinutes === 120) return { column: 'slotDurationMinutes', message: 'must not be 120 where there is a capacity rule' };
  return undefined;
};
