import { randomUUID } from 'node:crypto';
import { EventStoreDBClient } from '@eventstore/db-client';
import { startServer } from '../embedded-event-store/server.ts';

/** A server that the contract holds for, and how to reach it. */
export type Target = { readonly name: string; readonly open: () => Promise<Opened> };

/** A client on a running server; `connect` makes another one. */
export type Opened = {
  readonly client: EventStoreDBClient;
  readonly connect: (options?: string) => EventStoreDBClient;
  readonly close: () => Promise<void>;
};

const embedded: Target = {
  name: 'the embedded event store',
  open: async () => {
    const { server, client, stop } = await startServer();
    const connect = (options = ''): EventStoreDBClient => EventStoreDBClient.connectionString(`${server.connectionString}${options}`);
    return { client, connect, close: stop };
  },
};

const real = (url: string): Target => ({
  name: 'the server at EVENTSTORE_URL',
  open: async () => {
    const connect = (options = ''): EventStoreDBClient =>
      EventStoreDBClient.connectionString(options === '' ? url : `${url}${url.includes('?') ? options : options.replace('&', '?')}`);
    const client = connect();
    return { client, connect, close: () => client.dispose() };
  },
});

const { EVENTSTORE_URL } = process.env;

/** The embedded server always; a real one too when EVENTSTORE_URL names it. */
export const targets: readonly Target[] = EVENTSTORE_URL ? [embedded, real(EVENTSTORE_URL)] : [embedded];

/** A stream name that no other test and no earlier run has used. */
export const freshStream = (kind = 'contract'): string => `${kind}-${randomUUID()}`;
