import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import fastify from 'fastify';
import { startEventStore } from '../src/embedded/event-store/start.ts';
import { perSecond } from './event-store/harness.ts';
import { figuresOf, say } from './kit/figure.ts';
import { runLoad } from './kit/load.ts';
import { asClient, withFolder, withService } from './kit/service.ts';

const SECONDS = 8;
const headers = { 'content-type': 'application/json', ...asClient };
const immediate = JSON.stringify({ serviceName: 'demo', phoneNumber: '+15185550100', userData: { account: '4711' } });
const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
const scheduled = JSON.stringify({
  serviceName: 'demo',
  phoneNumber: '+15185550100',
  userData: { account: '4711' },
  desiredTime: tomorrow,
});

const figure = figuresOf('booking');

/** A Fastify that does nothing but read and answer bodies of the same size. */
const echoes = async (): Promise<number> => {
  const app = fastify();
  app.post('/echo', async (request) => ({ status: { code: 200, message: 'Successful', corrId: randomUUID() }, data: request.body }));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const { perSecond: rate } = await runLoad({ url: `${url}/echo`, body: immediate, headers, seconds: SECONDS });
  await app.close();
  return rate;
};

/** Appends of as many bytes as a booking's events, to a stream of their own each, from the same process. */
const appends = async (dir: string, events: number): Promise<number> => {
  const server = await startEventStore({ dir: join(dir, `raw-${events}`) });
  const client = EventStoreDBClient.connectionString(server.connectionString);
  const metadata = {
    version: 1,
    $correlationId: randomUUID(),
    $causationId: randomUUID(),
    commandId: randomUUID(),
    actor: { kind: 'client', id: randomUUID(), name: 'api' },
  };
  const some = (size: number) => jsonEvent({ type: 'CallbackBooked', data: { text: 'x'.repeat(size) }, metadata });
  await client.appendToStream('warm', some(1));
  const rate = await perSecond(256, SECONDS * 500, () =>
    client.appendToStream(`s-${randomUUID()}`, events === 1 ? some(850) : [some(850), some(120)]),
  );
  await client.dispose();
  await server.close();
  return rate;
};

await withFolder(async (dir) => {
  say(`Booking over HTTP, 256 at once from a process beside it, ${SECONDS} s each. The simulator is off: nobody is dialed.`);
  const echo = await echoes();
  const raw = await appends(dir, 2);
  const limit = 1 / (1 / echo + 1 / raw);
  figure('limit/echo', echo, '1/s');
  figure('limit/append', raw, '1/s');
  figure('limit', limit, '1/s');

  await withService(dir, async (service) => {
    const url = `${service.url}/engagement/v3/callbacks/create`;
    await runLoad({ url, body: immediate, headers, seconds: 2 });
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    for (const [name, body, share, least] of [
      ['immediate', immediate, 0.7, 4_000],
      ['scheduled', scheduled, 0.45, undefined],
    ] as const) {
      delay.reset();
      const cpu = process.cpuUsage();
      const result = await runLoad({ url, body, headers, seconds: SECONDS });
      const { user, system } = process.cpuUsage(cpu);
      figure(name, result.perSecond, '1/s', least);
      figure(`${name}/of-limit`, result.perSecond / limit, 'ratio', share);
      figure(`${name}/work`, (user + system) / (result.perSecond * SECONDS), 'µs of all threads a booking');
      figure(`${name}/p50`, result.p50Ms, 'ms');
      figure(`${name}/p99`, result.p99Ms, 'ms');
      figure(`${name}/failed`, result.failed, 'requests', 0);
      figure(`${name}/event-loop-delay-p99`, delay.percentile(99) / 1e6, 'ms', 50);
    }
  });
});
