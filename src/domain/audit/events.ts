import { z } from 'zod';
import type { Catalogue, EventOf } from '../kit/events.ts';
import { instant } from '../kit/events.ts';

export const readKinds = ['DETAIL', 'SEARCH', 'EXPORT'] as const;

/**
 * Who read whose personal data (9.4), in the stream `reads-<UTC day>`. `operation` is the API's own name of what was asked; `filters` are
 * the parameters without what was searched for, which is `searched`: a keyed hash.
 */
export const auditEvents = {
  PersonalDataRead: {
    v: 2,
    data: z.object({
      kind: z.enum(readKinds),
      operation: z.string(),
      callbackId: z.string().nullable(),
      /** The queue of that callback; of a read before version 2 it isn't known. */
      queue: z.string().optional(),
      filters: z.record(z.string(), z.array(z.string())),
      searched: z.string().nullable(),
      rows: z.int(),
      at: instant,
    }),
    up: { 1: (data) => data },
    personal: [],
  },
} as const satisfies Catalogue;

export type AuditEvent = EventOf<typeof auditEvents>;

/** The stream of the reads of an instant's day (UTC text). */
export const readsStream = (at: string): string => `reads-${at.slice(0, 10)}`;
