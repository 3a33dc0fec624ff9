import { EventStoreDBClient } from '@eventstore/db-client';
import { say } from '../kit/figure.ts';
import { figure, perSecond, someEvent, withServer } from './harness.ts';
import { flushesPerSecond, grpcLimits } from './raw-limits.ts';

const duration = 3000;

say('Appends through the client, events of 300 bytes, every answer durable.');
figure('raw/flushes', await flushesPerSecond(1000), '1/s');
figure('raw/grpc-echoes-256', (await grpcLimits(1000)).echoes, '1/s');

await withServer(async (client, server) => {
  const unary = EventStoreDBClient.connectionString(server.connectionString);
  const credentials = { username: 'any', password: 'any' }; // makes the client use the unary call
  await unary.appendToStream('warm', someEvent(), { credentials });
  for (const lanes of [1, 32, 256]) {
    const aim = lanes === 256 ? 10_000 : undefined;
    figure(`append/batch-${lanes}`, await perSecond(lanes, duration, (n) => client.appendToStream(`batch-${n}`, someEvent())), '1/s', aim);
  }
  for (const lanes of [1, 32, 256]) {
    const step = (n: number) => unary.appendToStream(`unary-${n}`, someEvent(), { credentials });
    figure(`append/unary-${lanes}`, await perSecond(lanes, duration, step), '1/s');
  }
  const hundred = (n: number) => client.appendToStream(`hundred-${n}`, Array.from({ length: 100 }, someEvent));
  figure('append/100-events-an-append-32', 100 * (await perSecond(32, duration, hundred)), 'events/s');
  await unary.dispose();
});
