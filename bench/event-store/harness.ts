import { performance } from 'node:perf_hooks';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { type EventStore, startEventStore } from '../../src/embedded/event-store/start.ts';
import { figuresOf } from '../kit/figure.ts';
import { withFolder } from '../kit/service.ts';

export const figure = figuresOf('event-store');

/** An event of 300 bytes of data. */
export const someEvent = (): ReturnType<typeof jsonEvent> => jsonEvent({ type: 'CallbackBooked', data: { text: 'x'.repeat(289) } });

/** Milliseconds of a run, and what it answered. */
export const timed = async <Result>(run: () => Promise<Result>): Promise<{ ms: number; result: Result }> => {
  const start = performance.now();
  const result = await run();
  return { ms: performance.now() - start, result };
};

/** Runs `step` over and over in as many lanes for a while; answers the steps per second. */
export const perSecond = async (lanes: number, ms: number, step: (lane: number) => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  let done = 0;
  const lane = async (n: number): Promise<void> => {
    while (performance.now() - start < ms) {
      await step(n);
      done++;
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, n) => lane(n)));
  return (done * 1000) / (performance.now() - start);
};

/** Runs a benchmark on a server and a client of its own, in a folder that is removed afterwards. */
export const withServer = (run: (client: EventStoreDBClient, server: EventStore, dir: string) => Promise<void>): Promise<void> =>
  withFolder(async (dir) => {
    const server = await startEventStore({ dir });
    const client = EventStoreDBClient.connectionString(server.connectionString);
    try {
      await client.appendToStream('warm', someEvent()); // a burst on a cold connection can hang the client
      await run(client, server, dir);
    } finally {
      await client.dispose();
      await server.close();
    }
  });
