import type { DomainEvent } from '../domain/catalogue.ts';
import type { Recorded } from '../domain/kit/events.ts';
import type { EventStore } from './event-store.ts';

/** At most so many events in one read, however close together those are that are asked for. */
const MOST = 512;

/**
 * The events at these positions, which grow; those that this code can't read are left out. Where they lie close together they are read
 * together, with what is between them: a read that found mostly such is followed by one twice as long, any other by one half as long.
 */
export async function* eventsAt(
  store: Pick<EventStore, 'eventsFrom'>,
  positions: readonly bigint[],
): AsyncGenerator<Recorded<DomainEvent>> {
  let count = 1;
  for (let next = 0; next < positions.length; ) {
    const from = positions[next] ?? 0n;
    const begun = next;
    const read = count;
    let last = from;
    for await (const item of store.eventsFrom(from, count)) {
      last = item.kind === 'event' ? item.event.position : item.position;
      for (let wanted = positions[next]; wanted !== undefined && wanted < last; wanted = positions[++next]);
      if (last !== positions[next]) continue;
      next++;
      if (item.kind === 'event') yield item.event;
      if (next === positions.length) break;
    }
    next = Math.max(next, begun + 1);
    count = (next - begun) * 2 > read ? Math.min(MOST, read * 2) : Math.max(1, read >> 1);
  }
}
