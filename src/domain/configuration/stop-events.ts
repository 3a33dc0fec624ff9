import { z } from 'zod';
import type { Catalogue, EventOf } from '../kit/events.ts';
import { instant } from '../kit/events.ts';

/** `queue` null is the switch for all of them. */
const switched = z.object({ queue: z.string().nullable(), reason: z.string().nullable(), at: instant });

/** The stop switch (1.15), in the stream `configuration`. */
export const stopEvents = {
  DialingStopped: { v: 1, data: switched, personal: [] },
  DialingResumed: { v: 1, data: switched, personal: [] },
} as const satisfies Catalogue;

export type StopEvent = EventOf<typeof stopEvents>;
export const isStopEvent = <E extends { readonly type: string }>(event: E): event is E & StopEvent => event.type in stopEvents;
