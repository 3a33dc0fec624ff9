import { END, EventStoreDBClient } from '@eventstore/db-client';
import { z } from 'zod';
import { programs } from './built.ts';
import { startChild } from './child.ts';

/** An event as it lies in the log, without what is sealed. */
export type Fact = { readonly type: string; readonly streamId: string; readonly data: Readonly<Record<string, unknown>> };

const data = z.record(z.string(), z.unknown());

/** All facts of the log that `connectionString` names, in order. */
export const factsOf = async (connectionString: string): Promise<readonly Fact[]> => {
  const client = EventStoreDBClient.connectionString(connectionString);
  try {
    const facts: Fact[] = [];
    for await (const { event } of client.readAll()) {
      if (event === undefined || event.type.startsWith('$')) continue;
      facts.push({ type: event.type, streamId: event.streamId, data: data.parse(event.data) });
    }
    return facts;
  } finally {
    await client.dispose();
  }
};

/** Position of the last event of a log, as writes answer it. */
export const endOfLog = async (connectionString: string): Promise<string> => {
  const client = EventStoreDBClient.connectionString(connectionString);
  try {
    for await (const { event } of client.readAll({ direction: 'backwards', fromPosition: END, maxCount: 1 }))
      return String(event?.position.commit);
    return '0';
  } finally {
    await client.dispose();
  }
};

/** Starts the event store of a folder that no service holds. */
export const startEventStore = async (dir: string, port = 0) => {
  const child = startChild([programs.eventStore, '--data', dir, '--port', String(port)], {});
  return { ...child, connectionString: await child.says(/(esdb:\S+)/) };
};
