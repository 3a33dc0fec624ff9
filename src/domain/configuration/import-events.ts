import { z } from 'zod';
import type { Catalogue, EventOf } from '../kit/events.ts';
import { instant } from '../kit/events.ts';

const importId = z.string();

/** A change inside a part of an import: an event of this stream with its version, as it would lie there by itself. */
const change = z.object({ type: z.string(), v: z.int(), data: z.record(z.string(), z.unknown()) });
export type ImportedChange = z.output<typeof change>;

/**
 * A change of the configuration that is too large for one append, in the stream `configuration`. Its parts hold when it is committed, all at
 * once; one that another change came in between of, or that was never committed, has no effect.
 */
export const importEvents = {
  ImportBegun: { v: 1, data: z.object({ importId, changes: z.int(), at: instant }), personal: [] },
  ImportPartAdded: { v: 1, data: z.object({ importId, changes: z.array(change), at: instant }), personal: [] },
  ImportCommitted: { v: 1, data: z.object({ importId, at: instant }), personal: [] },
} as const satisfies Catalogue;

export type ImportEvent = EventOf<typeof importEvents>;
export const isImportEvent = <E extends { readonly type: string }>(event: E): event is E & ImportEvent => event.type in importEvents;
