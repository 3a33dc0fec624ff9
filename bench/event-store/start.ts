import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EventStoreDBClient } from '@eventstore/db-client';
import { startEventStore } from '../../src/embedded/event-store/start.ts';
import { append } from '../../src/embedded/event-store/store/append.ts';
import { openStore } from '../../src/embedded/event-store/store/store.ts';
import { startWriter } from '../../src/embedded/event-store/store/writer.ts';
import { say } from '../kit/figure.ts';
import { optionsOf } from '../kit/options.ts';
import { withFolder } from '../kit/service.ts';
import { figure, timed } from './harness.ts';

const { events } = optionsOf({ events: 1_000_000 });
const anAppend = 10;
const atOnce = 200;

/** Fills a store without going through the protocol. */
const fill = async (dir: string): Promise<void> => {
  const store = openStore(dir);
  const writer = startWriter(store, Date.now);
  const data = Buffer.from(JSON.stringify({ text: 'x'.repeat(289) }));
  const proposed = () => ({ id: randomUUID(), type: 'CallbackBooked', contentType: 'application/json', data, metadata: Buffer.alloc(0) });
  let written = 0;
  while (written < events) {
    const appends = Array.from({ length: Math.min(atOnce, Math.ceil((events - written) / anAppend)) }, () => `callback-${randomUUID()}`);
    await Promise.all(
      appends.map(
        (stream) =>
          new Promise((resolve, reject) =>
            writer.enqueue({
              decide: (group) => append(group, stream, 'no_stream', Array.from({ length: anAppend }, proposed)),
              answer: resolve,
              fail: reject,
            }),
          ),
      ),
    );
    written += appends.length * anAppend;
  }
  await store.db.env.close();
};

say(`Starting on ${events} events of 300 bytes in streams of ${anAppend}; memory is that of the whole process.`);
await withFolder(async (dir) => {
  const { ms } = await timed(() => fill(dir));
  figure('store/append-alone', (events * 1000) / ms, 'events/s');
  figure('store/bytes-an-event', (await stat(join(dir, 'data.mdb'))).size / events, 'bytes');
  const before = process.memoryUsage().rss;
  const started = await timed(() => startEventStore({ dir }));
  figure(`start/${events}-events`, started.ms, 'ms', 2000);
  const client = EventStoreDBClient.connectionString(started.result.connectionString);
  const first = await timed(async () => {
    for await (const _ of client.readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 1 })); // to its end, or the client can't be disposed of
  });
  figure('start/first-answer', first.ms, 'ms');
  figure('memory/after-start', (process.memoryUsage().rss - before) / 2 ** 20, 'MiB more');
  let n = 0;
  for await (const _ of client.readAll({ maxCount: 300_000 })) n++;
  figure(`memory/after-reading-${n}`, process.memoryUsage().rss / 2 ** 20, 'MiB in all, mapped file included');
  await client.dispose();
  await started.result.close();
});
