import { randomUUID } from 'node:crypto';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { addServices } from './handlers/services.ts';
import { httpAnswers } from './http.ts';
import { listenOn, sharePort } from './listen.ts';
import { seed } from './store/seed.ts';
import { openStore } from './store/store.ts';
import { startWriter } from './store/writer.ts';

/** Where a store lies and where it is served. Port 0 is any free one. */
export type ServeOptions = { readonly dir: string; readonly port: number; readonly host: string };

/** A served store. */
export type Served = { readonly port: number; readonly close: () => Promise<void> };

const largestMessage = 17 * 1024 * 1024;
const wildcards = new Set(['0.0.0.0', '::', '']);

/** Opens the store in `dir` and serves it on this thread. */
export const serveEventStore = async ({ dir, port, host }: ServeOptions): Promise<Served> => {
  const now = (): number => Date.now();
  const store = openStore(dir);
  const writer = startWriter(store, now);
  await seed(store, writer);
  const grpc = new Server({ 'grpc.max_receive_message_length': largestMessage });
  let bound = 0;
  addServices(grpc, {
    store,
    writer,
    now,
    instanceId: randomUUID(),
    host: wildcards.has(host) ? '127.0.0.1' : host,
    port: () => bound,
  });
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const http = httpAnswers();
  const listener = sharePort(injector, http);
  bound = await listenOn(listener, port, host);
  return {
    port: bound,
    close: async () => {
      const closed = new Promise((resolve) => listener.close(resolve));
      grpc.forceShutdown();
      injector.destroy();
      http.closeAllConnections();
      await closed;
      await writer.idle();
      await store.db.env.close();
    },
  };
};
