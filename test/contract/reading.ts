import { type EventStoreDBClient, jsonEvent, type ReadStreamOptions, type ResolvedEvent } from '@eventstore/db-client';

/** An event whose data is its number. */
export const numbered = (n: number, type = 'Counted'): ReturnType<typeof jsonEvent> => jsonEvent({ type, data: { n } });

/** As many events, numbered from 0. */
export const count = (events: number, type?: string): ReturnType<typeof jsonEvent>[] =>
  Array.from({ length: events }, (_, n) => numbered(n, type));

/** All that a read brings. */
export const all = async (events: AsyncIterable<ResolvedEvent>): Promise<ResolvedEvent[]> => {
  const found: ResolvedEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
};

/** The revisions that a read of a stream brings. */
export const revisions = async (client: EventStoreDBClient, stream: string, options?: ReadStreamOptions): Promise<number[]> =>
  (await all(client.readStream(stream, options))).map(({ event }) => Number(event?.revision));

/** The first events that a subscription brings; it is ended then. */
export const take = async (subscription: AsyncIterable<ResolvedEvent>, length: number): Promise<ResolvedEvent[]> => {
  const found: ResolvedEvent[] = [];
  if (length === 0) return found;
  for await (const event of subscription) {
    found.push(event);
    if (found.length === length) break;
  }
  return found;
};

/** Resolves once a subscription says so. */
export const said = (subscription: NodeJS.EventEmitter, what: 'confirmation' | 'caughtUp'): Promise<void> =>
  new Promise((resolve, reject) => {
    subscription.once(what, () => resolve());
    subscription.once('error', reject);
  });
