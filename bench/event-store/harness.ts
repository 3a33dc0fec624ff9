import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { type EventStore, startEventStore } from '../../src/embedded/event-store/start.ts';

/** Prints one figure as a JSON line; prose goes to standard error. */
export const figure = (name: string, value: number, unit: string, aim?: number): void => {
  const rounded = value >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
  console.log(JSON.stringify({ name: `event-store/${name}`, value: rounded, unit, ...(aim === undefined ? {} : { aim }) }));
};

/** Says something to whoever watches. */
export const say = (text: string): void => console.error(text);

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

/** The value below which that share of the values lies. */
export const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

/** Runs a benchmark on a server and a client of its own, in a folder that is removed afterwards. */
export const withServer = async (run: (client: EventStoreDBClient, server: EventStore, dir: string) => Promise<void>): Promise<void> => {
  const dir = await mkdtemp(join(tmpdir(), 'event-store-bench-'));
  const server = await startEventStore({ dir });
  const client = EventStoreDBClient.connectionString(server.connectionString);
  try {
    await client.appendToStream('warm', someEvent()); // a burst on a cold connection can hang the client
    await run(client, server, dir);
  } finally {
    await client.dispose();
    await server.close();
    await rm(dir, { recursive: true, force: true });
  }
};
