import { z } from 'zod';
import type { Catalogue, EventOf } from '../kit/events.ts';
import { instant } from '../kit/events.ts';

/** `day`: the local date that it began on; `closedAt`: when it was over by the queue's business hours, `at` when that was recorded. */
const businessDay = z.object({ queue: z.string(), day: z.iso.date(), closedAt: instant, at: instant });

/** The ends of one queue's business days (3.6, 6.1), in its stream `businessDays-<queue>`. */
export const businessDayEvents = {
  BusinessDayClosed: { v: 1, data: businessDay, personal: [] },
  /** Everybody who waited and had entered before `closedAt` is out of the line. */
  BusinessDayPurged: { v: 1, data: businessDay, personal: [] },
} as const satisfies Catalogue;

export type BusinessDayEvent = EventOf<typeof businessDayEvents>;
export const businessDayStream = (queue: string): string => `businessDays-${queue}`;
