import { setTimeout } from 'node:timers/promises';
import { type EventStoreDBClient, eventTypeFilter, type Filter, streamNameFilter } from '@eventstore/db-client';
import { figure, say, someEvent, timed, withServer } from './harness.ts';
import { grpcLimits } from './raw-limits.ts';

const events = 100_000;

const countAll = async (source: AsyncIterable<unknown>): Promise<number> => {
  let n = 0;
  for await (const _ of source) n++;
  return n;
};

const rate = async (name: string, aim: number | undefined, run: () => AsyncIterable<unknown>): Promise<void> => {
  const rates: number[] = [];
  for (let i = 0; i < 3; i++) {
    const { ms, result } = await timed(() => countAll(run()));
    rates.push((result * 1000) / ms);
  }
  figure(name, rates.toSorted((a, b) => a - b)[1] ?? 0, 'events/s', aim);
};

/** How long a filtered subscription from the start takes to say that it has caught up. */
const filtered = async (client: EventStoreDBClient, name: string, filter: Filter): Promise<void> => {
  const { ms } = await timed(async () => {
    const subscription = client.subscribeToAll({ filter });
    subscription.on('data', () => {});
    await new Promise((resolve, reject) => subscription.once('caughtUp', resolve).once('error', reject));
    await subscription.unsubscribe();
  });
  figure(name, (events * 1000) / ms, 'events looked at/s');
};

say(`Reads through the client of ${events} events of 300 bytes; the filters match nothing.`);
figure('raw/grpc-streamed', (await grpcLimits(1000)).streamed, 'messages/s');

await withServer(async (client) => {
  for (let i = 0; i < events; i += 500) await client.appendToStream(`stream-${(i / 500) % 20}`, Array.from({ length: 500 }, someEvent));
  await setTimeout(100);
  await rate('read/all', 45_000, () => client.readAll());
  await rate('read/stream', undefined, () => client.readStream('stream-7'));
  const window = { maxSearchWindow: 4096 };
  await filtered(client, 'read/filtered-by-type', eventTypeFilter({ prefixes: ['Nothing'], ...window }));
  await filtered(client, 'read/filtered-by-stream', streamNameFilter({ regex: '^nothing-', ...window }));
});
