import { parentPort, workerData } from 'node:worker_threads';
import { type ServeOptions, serveEventStore } from './serve.ts';

/** What the worker tells the thread that started it. */
export type FromWorker = { readonly kind: 'ready'; readonly port: number } | { readonly kind: 'refused'; readonly reason: string };

const tell = (message: FromWorker): void => parentPort?.postMessage(message);

try {
  const served = await serveEventStore(workerData as ServeOptions); // given by start.ts, which types it
  parentPort?.once('message', () => served.close().then(() => parentPort?.close()));
  tell({ kind: 'ready', port: served.port });
} catch (error) {
  tell({ kind: 'refused', reason: error instanceof Error ? error.message : String(error) });
}
