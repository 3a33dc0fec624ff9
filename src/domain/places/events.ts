import { z } from 'zod';
import type { Catalogue, EventOf } from '../kit/events.ts';
import { instant } from '../kit/events.ts';

const taken = z.object({
  queue: z.string(),
  callbackId: z.string(),
  holdId: z.string(),
  instant,
  /** The UTC day that the stream is named after. */
  day: z.iso.date(),
  checked: z.boolean(),
  /** Revision of the callback's stream that the booking or move expects; null when it expects no stream. */
  decidedAt: z.int().nullable(),
  at: instant,
});

/** Who holds a place at which instant, in the stream `places-<queue>-<UTC day of the slot's start>`. */
export const placesEvents = {
  PlaceTaken: { v: 1, data: taken, personal: [] },
  PlaceGivenBack: {
    v: 1,
    data: z.object({
      queue: z.string(),
      callbackId: z.string(),
      holdId: z.string(),
      instant,
      because: z.enum(['CANCELLED', 'ENDED', 'MOVED', 'REFUSED', 'LAPSED']),
      at: instant,
    }),
    personal: [],
  },
} as const satisfies Catalogue;

export type PlacesEvent = EventOf<typeof placesEvents>;
