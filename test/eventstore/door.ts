import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { connectEventStore } from '../../src/eventstore/client.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { type Keyring, openKeyring } from '../../src/keys/keyring.ts';
import { lmdbKeyStore } from '../../src/keys/lmdb-key-store.ts';
import { keyringSealer } from '../../src/keys/sealer.ts';
import { startServer } from '../embedded-event-store/server.ts';

/** The door to an event store on a server of its own, with a keyring, and a bare client to look past it. */
export type Door = {
  readonly store: EventStore;
  readonly keyring: Keyring;
  readonly client: EventStoreDBClient;
  readonly connectionString: string;
  readonly close: () => Promise<void>;
};

export const openDoor = async (): Promise<Door> => {
  const { server, client, stop } = await startServer();
  const keys = await mkdtemp(join(tmpdir(), 'ringback-keys-'));
  const keyring = await openKeyring({ store: await lmdbKeyStore({ dir: keys }), secretsKey: randomBytes(32).toString('base64') });
  const store = await connectEventStore(server.connectionString, keyringSealer(keyring));
  return {
    ...{ store, keyring, client, connectionString: server.connectionString },
    close: async () => {
      await store.close();
      await keyring.close();
      await stop();
      await rm(keys, { recursive: true, force: true });
    },
  };
};

/** A stream name that no other test has used. */
export const freshStream = (kind: string): string => `${kind}-${randomUUID()}`;

export const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};
