import { once } from 'node:events';
import { startWorker } from '../worker.ts';
import type { FromWorker } from './event-store-worker.ts';
import type { ServeOptions } from './serve.ts';

/** A running event store. `connectionString` is for any EventStoreDB client. */
export type EventStore = { readonly connectionString: string; readonly port: number; readonly close: () => Promise<void> };

/**
 * Serves the event store in `dir` (made if missing) from a thread of its own, until closed.
 * Port 0, the default, is any free one; the host is 127.0.0.1 unless given.
 * Rejects with a sentence when the folder can't be opened or another process has it.
 */
export const startEventStore = async (options: { dir: string; port?: number; host?: string }): Promise<EventStore> => {
  const { dir, port = 0, host = '127.0.0.1' } = options;
  const worker = startWorker(import.meta.url, 'event-store-worker', { dir, port, host } satisfies ServeOptions);
  const exited = once(worker, 'exit');
  const [message] = (await once(worker, 'message')) as [FromWorker]; // rejects when the worker fails before
  if (message.kind === 'refused') {
    await worker.terminate();
    throw new Error(message.reason);
  }
  return {
    connectionString: `esdb://${host}:${message.port}?tls=false`,
    port: message.port,
    close: async () => {
      worker.postMessage('close');
      await exited;
    },
  };
};
