import { z } from 'zod';
import type { Catalogue, EventOf } from '../kit/events.ts';
import { instant } from '../kit/events.ts';

/** One entry of a process's to-do list, as the event `cause` made it. */
export const parkedEntry = z.object({ process: z.string(), instance: z.string(), entry: z.string(), cause: z.string() });
export type ParkedEntry = z.output<typeof parkedEntry>;

/** What operators decided about entries that were parked, in the stream `process-<name>` of the process that owes them. */
export const operationsEvents = {
  ParkedEntryRetried: { v: 1, data: parkedEntry.extend({ at: instant }), personal: [] },
  ParkedEntryDropped: { v: 1, data: parkedEntry.extend({ at: instant }), personal: [] },
} as const satisfies Catalogue;

export type OperationsEvent = EventOf<typeof operationsEvents>;
export const processStream = (process: string): string => `process-${process}`;
