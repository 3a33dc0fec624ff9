import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Reads } from '../../domain/access/reads.ts';
import { changeOf, shownData } from '../../domain/audit/shown.ts';
import type { DomainEvent } from '../../domain/catalogue.ts';
import { actor, type Recorded } from '../../domain/kit/events.ts';
import type { EventStore } from '../../eventstore/event-store.ts';
import { eventsAt } from '../../eventstore/events-at.ts';
import { thingOf } from './trail-query.ts';
import { type TrailRow, trailRows, type Which } from './trail-rows.ts';

/** Events of an export that are in memory at once. */
const BATCH = 500;
/** Reads that go on beside each other. */
const LANES = 8;

export const auditEvent = z
  .object({
    position: z.string().describe('Where it lies in the log, as x-position'),
    id: z.string().describe('What the causationId of another fact names'),
    at: z.string(),
    stream: z.string(),
    type: z.string(),
    actor,
    reason: z.string().optional().describe('Why, as x-reason said'),
    correlationId: z.string(),
    causationId: z.string(),
    data: z.record(z.string(), z.unknown()).describe('Personal fields are null'),
    before: z.unknown().optional().describe('Of a change of queues, business hours and rules: what was there; null is nothing'),
    after: z.unknown().optional().describe('What is there since; null is nothing'),
  })
  .meta({ id: 'AuditEvent' });
export type AuditEvent = z.output<typeof auditEvent>;

const shown = (event: Recorded<DomainEvent>, reads: Reads, of: string | undefined): AuditEvent => {
  const { position, id, type, streamId: stream, data, metadata } = event;
  const { actor: who, reason, correlationId, causationId } = metadata;
  const why = reason === undefined ? {} : { reason };
  const what = { data: { ...shownData(event, reads, of) }, ...changeOf(type, data) };
  return { position: position.toString(), id, at: data.at, stream, type, actor: who, ...why, correlationId, causationId, ...what };
};

type Sources = { readonly db: Kysely<unknown>; readonly store: Pick<EventStore, 'eventsFrom'> };

/** What the log says at these rows of the index to whoever asked for them, in their order. */
export const eventsOf = async (
  store: Sources['store'],
  rows: readonly TrailRow[],
  { query, reads }: Pick<Which, 'query' | 'reads'>,
): Promise<AuditEvent[]> => {
  const of = thingOf(query)?.subject;
  const positions = rows.map(({ key }) => BigInt(key));
  const inOrder = positions.toSorted((a, b) => (a < b ? -1 : 1));
  const size = Math.ceil(inOrder.length / LANES);
  const found = new Map<bigint, AuditEvent>();
  const read = async (some: readonly bigint[]): Promise<void> => {
    for await (const event of eventsAt(store, some)) found.set(event.position, shown(event, reads, of));
  };
  await Promise.all(Array.from({ length: LANES }, (_, lane) => read(inOrder.slice(lane * size, (lane + 1) * size))));
  return positions.flatMap((position) => found.get(position) ?? []);
};

/** Every event that fits, a batch in memory at a time. */
export async function* allEvents({ db, store }: Sources, which: Which): AsyncGenerator<AuditEvent> {
  for (let after: TrailRow | undefined; ; ) {
    const rows = await trailRows(db, which, after, BATCH);
    yield* await eventsOf(store, rows, which);
    after = rows.at(-1);
    if (rows.length < BATCH) return;
  }
}
