import { once } from 'node:events';
import { startWorker } from '../worker.ts';
import type { FromWorker, ToWorker } from './event-store-worker.ts';
import type { ServeOptions } from './serve.ts';
import type { Scavenged } from './store/scavenge.ts';

/**
 * A running event store. `connectionString` is for any EventStoreDB client.
 * `scavenge` takes out what no reader sees any more, `backUp` copies the store as it is into a new or empty folder; both while it serves.
 */
export type EventStore = {
  readonly connectionString: string;
  readonly port: number;
  readonly scavenge: () => Promise<Scavenged>;
  readonly backUp: (to: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

type Waiting = { readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void };

/**
 * Serves the event store in `dir` (made if missing) from a thread of its own, until closed.
 * Port 0, the default, is any free one; the host is 127.0.0.1 unless given.
 * Rejects with a sentence when the folder can't be opened or another process has it.
 */
export const startEventStore = async (options: { dir: string; port?: number; host?: string }): Promise<EventStore> => {
  const { dir, port = 0, host = '127.0.0.1' } = options;
  const worker = startWorker(import.meta.url, 'event-store-worker', { dir, port, host } satisfies ServeOptions);
  const waiting = new Map<number, Waiting>();
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(failure ?? new Error('The event store is closed.')));
  worker.on('message', (message: FromWorker) => {
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if ('error' in message) asked?.reject(new Error(message.error));
    else asked?.resolve(message.result);
  });
  const expectAnswer = (id: number): Promise<unknown> => new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  let ids = 0;
  const ask = (task: { task: 'scavenge' | 'close' } | { task: 'backUp'; to: string }): Promise<unknown> => {
    if (failure) return Promise.reject(failure);
    ids++;
    const answer = expectAnswer(ids);
    worker.postMessage({ id: ids, ...task } satisfies ToWorker);
    return answer;
  };

  let bound: number;
  try {
    bound = (await expectAnswer(0)) as number; // the worker's first message: its port
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  return {
    connectionString: `esdb://${host.includes(':') ? `[${host}]` : host}:${bound}?tls=false`,
    port: bound,
    scavenge: async () => (await ask({ task: 'scavenge' })) as Scavenged, // as serve.ts answers
    backUp: async (to) => {
      await ask({ task: 'backUp', to });
    },
    close: async () => {
      if (failure) return;
      const exited = once(worker, 'exit');
      await ask({ task: 'close' });
      await exited;
    },
  };
};
