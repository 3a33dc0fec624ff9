import { performance } from 'node:perf_hooks';
import { jsonEvent } from '@eventstore/db-client';
import { say } from '../kit/figure.ts';
import { quantile } from '../kit/quantile.ts';
import { figure, someEvent, timed, withServer } from './harness.ts';
import { flushesPerSecond, grpcLimits } from './raw-limits.ts';

const events = 100_000;
const appends = 2000;

say(
  `A subscription to $all: catching up on ${events} events, and how soon it sees one of ${appends} appends, one at a time and beside 32 busy lanes.`,
);
figure('raw/flushes', await flushesPerSecond(1000), '1/s');
figure('raw/client-reading', (await grpcLimits(1000)).read, 'events/s');

await withServer(async (client) => {
  for (let i = 0; i < events; i += 500) await client.appendToStream(`stream-${i % 20}`, Array.from({ length: 500 }, someEvent));
  const { ms } = await timed(async () => {
    let n = 0;
    for await (const _ of client.subscribeToAll()) if (++n === events) break;
  });
  figure('subscription/catching-up', (events * 1000) / ms, 'events/s', 40_000);

  const latencies = async (name: string, aim: number | undefined): Promise<void> => {
    const subscription = client.subscribeToAll({ fromPosition: 'end' });
    const sent = new Map<string, number>();
    const seen: number[] = [];
    let wake: (() => void) | undefined;
    subscription.on('data', ({ event }) => {
      const at = sent.get(event?.id ?? '');
      if (at === undefined) return;
      seen.push(performance.now() - at);
      wake?.();
    });
    await new Promise((resolve) => subscription.once('caughtUp', resolve));
    for (let i = 0; i < appends; i++) {
      const event = jsonEvent({ type: 'Timed', data: { text: 'x'.repeat(289) } });
      const arrived = new Promise<void>((resolve) => {
        wake = resolve;
      });
      sent.set(event.id, performance.now());
      await client.appendToStream('timed', event);
      await arrived;
    }
    figure(`${name}/p50`, quantile(seen, 0.5), 'ms', aim);
    figure(`${name}/p99`, quantile(seen, 0.99), 'ms');
    await subscription.unsubscribe();
  };
  await latencies('append-to-subscriber/quiet', 2);
  let busy = true;
  const lanes = Array.from({ length: 32 }, async (_, n) => {
    while (busy) await client.appendToStream(`busy-${n}`, someEvent());
  });
  await latencies('append-to-subscriber/busy-32', undefined);
  busy = false;
  await Promise.all(lanes);
});
