import { eachAtOnce } from '../commands/each-at-once.ts';
import { businessDayStream } from '../domain/business-day/events.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import type { BusinessDaysView } from '../live/business-days.ts';

/** Events at the end of a queue's stream among which is that of its last business day. */
const LAST_DAYS = 10n;
/** Queues whose streams are read at once. */
const AT_ONCE = 32;

/** Takes the ends of the last business days of queues from the ends of their streams. */
export const seedBusinessDays = async (
  store: Pick<EventStore, 'lastOf' | 'readStream'>,
  view: Pick<BusinessDaysView, 'seed'>,
  queues: Iterable<string>,
): Promise<void> => {
  const seed = async (queue: string): Promise<void> => {
    const streamId = businessDayStream(queue);
    const last = await store.lastOf(streamId);
    if (last === undefined) return;
    const from = last.revision < LAST_DAYS ? 0n : last.revision - LAST_DAYS;
    for await (const { data } of store.readStream(streamId, { from })) if ('closedAt' in data) view.seed(queue, Date.parse(data.closedAt));
  };
  await eachAtOnce(queues, AT_ONCE, seed);
};
