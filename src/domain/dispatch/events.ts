import { z } from 'zod';
import type { Catalogue, EventOf } from '../kit/events.ts';
import { instant } from '../kit/events.ts';

/** Decisions of the matching pass, in the stream `dispatch`: appending at its expected revision is the fence. */
export const dispatchEvents = {
  AttemptDecided: {
    v: 1,
    data: z.object({
      queue: z.string(),
      callbackId: z.string(),
      attemptId: z.string(),
      attempt: z.int(),
      region: z.string().nullable(),
      placeBy: instant,
      /**
       * Of the queue: ready agents who may take it, attempts in flight before this one and calls of which nobody said who has them, live callers
       * who came before and took an agent each.
       */
      basedOn: z.object({ readyAgents: z.int(), inFlight: z.int(), liveCallers: z.int().optional() }),
      at: instant,
    }),
    personal: [],
  },
  /** A decision that came too late for its callback: nothing was sent. */
  AttemptVoided: { v: 1, data: z.object({ queue: z.string(), callbackId: z.string(), attemptId: z.string(), at: instant }), personal: [] },
} as const satisfies Catalogue;

export type DispatchEvent = EventOf<typeof dispatchEvents>;
/** What a pass decided about one callback. */
export type Decided = Extract<DispatchEvent, { type: 'AttemptDecided' }>;
export const DISPATCH_STREAM = 'dispatch';
