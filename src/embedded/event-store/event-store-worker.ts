import { parentPort, workerData } from 'node:worker_threads';
import { type ServeOptions, serveEventStore } from './serve.ts';

/** What the thread that started the worker asks of it. */
export type ToWorker =
  | { readonly id: number; readonly task: 'scavenge' | 'close' }
  | { readonly id: number; readonly task: 'backUp'; readonly to: string };

/** What the worker tells the thread that started it: first that it is ready (`id` 0), then an answer to each request. */
export type FromWorker = { readonly id: number; readonly result: unknown } | { readonly id: number; readonly error: string };

const tell = (message: FromWorker): void => parentPort?.postMessage(message);

const answer = async (id: number, run: () => Promise<unknown>): Promise<void> => {
  try {
    tell({ id, result: await run() });
  } catch (error) {
    tell({ id, error: error instanceof Error ? error.message : String(error) });
  }
};

await answer(0, async () => {
  const served = await serveEventStore(workerData as ServeOptions); // given by start.ts, which types it
  parentPort?.on('message', async (request: ToWorker) => {
    await answer(request.id, () => {
      if (request.task === 'scavenge') return served.scavenge();
      if (request.task === 'backUp') return served.backUp(request.to);
      return served.close();
    });
    if (request.task === 'close') parentPort?.close();
  });
  return served.port;
});
