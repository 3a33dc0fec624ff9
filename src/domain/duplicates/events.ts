import { z } from 'zod';
import type { Catalogue, EventOf } from '../kit/events.ts';
import { instant } from '../kit/events.ts';

/** `number` is the keyed hash that the stream is named after. */
const claim = { queue: z.string(), callbackId: z.string(), claimId: z.string(), number: z.string() };

/** Which callbacks are open for one number in one queue (1.7), in the stream `duplicate-<queue>-<keyed hash of queue and number>`. */
export const duplicatesEvents = {
  NumberClaimed: {
    v: 1,
    data: z.object({
      ...claim,
      /** How many it was held to; null where it wasn't looked at. */
      most: z.int().nullable(),
      /** Revision of the callback's stream that the booking or change expects; null when it expects no stream. */
      decidedAt: z.int().nullable(),
      at: instant,
    }),
    personal: [],
  },
  NumberReleased: {
    v: 1,
    data: z.object({ ...claim, because: z.enum(['CANCELLED', 'ENDED', 'CHANGED', 'REFUSED', 'LAPSED']), at: instant }),
    personal: [],
  },
} as const satisfies Catalogue;

export type DuplicatesEvent = EventOf<typeof duplicatesEvents>;

const STREAM = 'duplicate-';
/** `number`: the keyed hash of queue and number. */
export const duplicatesStream = (queue: string, number: string): string => `${STREAM}${queue}-${number}`;
