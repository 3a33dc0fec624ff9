import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient } from '@eventstore/db-client';
import { type EventStore, startEventStore } from '../../src/embedded/event-store/start.ts';

/** A server on a folder of its own, a client on it, and how to leave nothing behind. */
export type TestServer = {
  readonly dir: string;
  readonly server: EventStore;
  readonly client: EventStoreDBClient;
  readonly stop: () => Promise<void>;
};

/** Starts a server; on `dir` if one is given, which is then kept. */
export const startServer = async (given?: string): Promise<TestServer> => {
  const dir = given ?? (await mkdtemp(join(tmpdir(), 'event-store-')));
  const server = await startEventStore({ dir });
  const client = EventStoreDBClient.connectionString(server.connectionString);
  return {
    dir,
    server,
    client,
    stop: async () => {
      await client.dispose();
      await server.close();
      if (given === undefined) await rm(dir, { recursive: true, force: true });
    },
  };
};
