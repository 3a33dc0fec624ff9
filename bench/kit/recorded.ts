import { callbackStream } from '../../src/domain/callback/events.ts';
import type { Event } from '../../src/projections/kit/projection.ts';

const actor = { kind: 'process', id: 'bench', name: 'bench' } as const;
const metadata = { version: 1, correlationId: 'r', causationId: 'r', commandId: 'c', actor };
let position = 0n;

/** An event of the `n`th callback as the log would hand it out, after all that were recorded before. */
export const recorded = (n: number, event: Pick<Event, 'type' | 'data'>): Event =>
  // type and data belong together, as whoever made them did
  ({ ...event, id: `event-${position}`, streamId: callbackStream(`bench-${n}`), revision: 0n, position: position++, metadata }) as Event;
