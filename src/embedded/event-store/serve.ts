import { randomUUID } from 'node:crypto';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { type Command, holdFolder } from './control.ts';
import { addServices } from './handlers/services.ts';
import { httpAnswers } from './http.ts';
import { listenOn, sharePort } from './listen.ts';
import { backUp, compactAndClose } from './store/backup.ts';
import { type Scavenged, scavenge } from './store/scavenge.ts';
import { seed } from './store/seed.ts';
import { openStore, type Store } from './store/store.ts';
import { startWriter, type Writer } from './store/writer.ts';

/** Where a store lies and where it is served. Port 0 is any free one. */
export type ServeOptions = { readonly dir: string; readonly port: number; readonly host: string };

/** A served store: `scavenge` takes out what no reader sees, `backUp` copies it as it is into a new folder; both while it serves. */
export type Served = {
  readonly port: number;
  readonly scavenge: () => Promise<Scavenged>;
  readonly backUp: (to: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** An open store that this process holds. */
export type Held = Omit<Served, 'port'> & {
  readonly store: Store;
  readonly writer: Writer;
  readonly now: () => number;
  /** Closes the store and gives the space that a scavenge freed back to the disk. */
  readonly compact: () => Promise<void>;
};

/** Opens the store in `dir` without serving it; rejects with a sentence when another process has it. */
export const holdEventStore = async (dir: string): Promise<Held> => {
  let held: Held | undefined;
  const carryOut = async (command: Command): Promise<unknown> => {
    if (!held) throw new Error('The event store is only just starting.');
    return command.command === 'scavenge' ? held.scavenge() : held.backUp(command.to);
  };
  const release = await holdFolder(dir, carryOut);
  try {
    const now = (): number => Date.now();
    const store = openStore(dir);
    const writer = startWriter(store, now);
    await seed(store, writer);
    let running: Promise<Scavenged> | undefined;
    held = {
      store,
      writer,
      now,
      scavenge: () => {
        running ??= scavenge(store, writer).finally(() => {
          running = undefined;
        });
        return running;
      },
      backUp: (to) => backUp(store, to),
      close: async () => {
        await writer.idle();
        await store.db.env.close();
        await release();
      },
      compact: async () => {
        await writer.idle();
        await compactAndClose(store, dir);
        await release();
      },
    };
    return held;
  } catch (error) {
    await release();
    throw error;
  }
};

const largestMessage = 17 * 1024 * 1024;
const wildcards = new Set(['0.0.0.0', '::', '']);

/** Opens the store in `dir` and serves it on this thread. */
export const serveEventStore = async ({ dir, port, host }: ServeOptions): Promise<Served> => {
  const held = await holdEventStore(dir);
  const grpc = new Server({ 'grpc.max_receive_message_length': largestMessage });
  let bound = 0;
  const reachable = wildcards.has(host) ? '127.0.0.1' : host;
  addServices(grpc, { ...held, instanceId: randomUUID(), host: reachable, port: () => bound });
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const http = httpAnswers();
  const listener = sharePort(injector, http);
  try {
    bound = await listenOn(listener, port, host);
  } catch (error) {
    await held.close();
    throw error;
  }
  return {
    port: bound,
    scavenge: held.scavenge,
    backUp: held.backUp,
    close: async () => {
      const closed = new Promise((resolve) => listener.close(resolve));
      grpc.forceShutdown();
      injector.destroy();
      http.closeAllConnections();
      await closed;
      await held.close();
    },
  };
};
