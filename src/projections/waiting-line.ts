import type { Deferral } from '../domain/callback/events.ts';
import { callbackOf } from '../domain/callback-of.ts';
import { type Tracked, track } from '../domain/dispatch/tracked.ts';
import { defineProjection } from './kit/projection.ts';

/** An open callback as the waiting lines know it: they are seeded from here, by the same fold that they follow the log with. */
export type WaitingLineRow = {
  readonly key: string;
  readonly queue: string;
  readonly state: Tracked['state'];
  readonly in_line: boolean;
  readonly priority: number | null;
  readonly entered_at: string;
  readonly attempts: number;
  readonly zones: string | null;
  readonly in_flight: string | null;
  readonly deferred_until: string | null;
  readonly deferred_because: Deferral | null;
  readonly cause_id: string;
  readonly correlation_id: string;
};

const deferredOf = ({ deferred_until, deferred_because }: WaitingLineRow): Tracked['deferred'] =>
  deferred_until === null || deferred_because === null ? null : { until: Date.parse(deferred_until), because: deferred_because };

/** A row as the fold knows it; instants become epoch ms. */
export const trackedOf = (row: WaitingLineRow): Tracked => ({
  id: row.key,
  queue: row.queue,
  state: row.state,
  inLine: row.in_line,
  priority: row.priority,
  enteredAt: Date.parse(row.entered_at),
  attempts: row.attempts,
  zones: row.zones,
  inFlight: row.in_flight,
  deferred: deferredOf(row),
  cause: { id: row.cause_id, correlationId: row.correlation_id },
});

// no nested spreads here: this runs for every event of every callback
const rowOf = (tracked: Tracked, enteredAt: string): WaitingLineRow => ({
  key: tracked.id,
  queue: tracked.queue,
  state: tracked.state,
  in_line: tracked.inLine,
  priority: tracked.priority,
  entered_at: enteredAt,
  attempts: tracked.attempts,
  zones: tracked.zones,
  in_flight: tracked.inFlight,
  deferred_until: tracked.deferred === null ? null : new Date(tracked.deferred.until).toISOString(),
  deferred_because: tracked.deferred?.because ?? null,
  cause_id: tracked.cause.id,
  correlation_id: tracked.cause.correlationId,
});

export const waitingLine = defineProjection<WaitingLineRow>({
  name: 'waiting_line',
  version: 5,
  personal: false,
  columns: {
    key: 'text',
    queue: 'text',
    state: 'text',
    in_line: 'boolean',
    priority: 'int',
    entered_at: 'timestamptz',
    attempts: 'int',
    zones: 'text',
    in_flight: 'text',
    deferred_until: 'timestamptz',
    deferred_because: 'text',
    cause_id: 'text',
    correlation_id: 'text',
  },
  indexes: ['(queue, state, entered_at)'],
  keysOf: (event) => {
    const id = callbackOf(event);
    return id === undefined ? [] : [id];
  },
  fold: (row, event) => {
    const before = row && trackedOf(row);
    const after = track(before, event);
    if (after === undefined) return undefined;
    if (after === before) return row;
    const isSameEntry = row !== undefined && after.enteredAt === before?.enteredAt;
    return rowOf(after, isSameEntry ? row.entered_at : new Date(after.enteredAt).toISOString());
  },
});
