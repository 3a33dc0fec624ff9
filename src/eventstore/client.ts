import { setTimeout } from 'node:timers/promises';
import {
  type AllStreamResolvedEvent,
  END,
  EventStoreDBClient,
  type JSONEventData,
  NO_STREAM,
  StreamNotFoundError,
  UnknownError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { z } from 'zod';
import type { DomainEvent } from '../domain/catalogue.ts';
import { instant, type Recorded } from '../domain/kit/events.ts';
import { type CommandContext, decode, encode, type Sealer } from './codec.ts';
import type { EventStore, LoggedEvent } from './event-store.ts';
import { logFollower } from './follow.ts';
import { isSystem, logItem, stored } from './log-item.ts';

const ANY = 'any';
const CLOSE_MS = 200;
const isContext = (contexts: CommandContext | readonly CommandContext[]): contexts is CommandContext => !Array.isArray(contexts);

const text = new TextEncoder();
/** The client takes metadata's bytes as they are, and everything else by way of base64. */
const withBytes = (event: JSONEventData): JSONEventData => ({ ...event, metadata: text.encode(JSON.stringify(event.metadata)) });

/** Opens the event store that `connectionString` (`esdb://…`) names, real or embedded, and waits until it answers. */
export const connectEventStore = async (connectionString: string, sealer: Sealer): Promise<EventStore> => {
  const client = EventStoreDBClient.connectionString(connectionString);

  /** One event is asked for first: only behind system events are there more to look through. */
  const lastPosition = async (): Promise<bigint | undefined> => {
    for (const maxCount of [1, Number.MAX_SAFE_INTEGER])
      for await (const { event } of client.readAll({ direction: 'backwards', fromPosition: END, maxCount }))
        if (event !== undefined && !isSystem(event.type)) return event.position.commit;
    return undefined;
  };

  const append: EventStore['append'] = async (streamId, events, expected, contexts) => {
    const contextOf = (index: number): CommandContext => {
      const context = isContext(contexts) ? contexts : contexts[index];
      if (context === undefined) throw new Error('every event of an append needs a context');
      return context;
    };
    const encoded = await Promise.all(events.map((event, index) => encode(sealer, streamId, index, event, contextOf(index))));
    try {
      const answer = await client.appendToStream(streamId, encoded.map(withBytes), {
        expectedRevision: expected === 'no-stream' ? NO_STREAM : expected === 'any' ? ANY : expected,
      });
      if (answer.position === undefined) throw new Error(`append to ${streamId}: the event store answered without a position`);
      return { ok: true, revision: answer.nextExpectedRevision, position: answer.position.commit, ids: encoded.map(({ id }) => id) };
    } catch (error) {
      if (!(error instanceof WrongExpectedVersionError)) throw error;
      return { ok: false, actual: typeof error.actualVersion === 'bigint' ? error.actualVersion : 'no-stream' };
    }
  };

  const readStream: EventStore['readStream'] = async function* (
    streamId,
    { from, personal = false, unknown } = {},
  ): AsyncGenerator<Recorded<DomainEvent>> {
    try {
      for await (const { event } of client.readStream(streamId, from === undefined ? {} : { fromRevision: from })) {
        const known = event === undefined ? undefined : await decode(sealer, stored(event), personal);
        if (known !== undefined) yield known;
        else if (event !== undefined) unknown?.({ revision: event.revision, position: stored(event).position });
      }
    } catch (error) {
      if (!(error instanceof StreamNotFoundError)) throw error;
    }
  };

  const lastOf: EventStore['lastOf'] = async (streamId) => {
    try {
      for await (const { event } of client.readStream(streamId, { direction: 'backwards', fromRevision: END, maxCount: 1 })) {
        return event === undefined ? undefined : { revision: event.revision, position: stored(event).position };
      }
    } catch (error) {
      if (!(error instanceof StreamNotFoundError)) throw error;
    }
    return undefined;
  };

  const eventAt = async (position: bigint): Promise<AllStreamResolvedEvent['event']> => {
    try {
      for await (const { event } of client.readAll({ fromPosition: { commit: position, prepare: position }, maxCount: 1 })) {
        return event?.position.commit === position ? event : undefined;
      }
    } catch (error) {
      if (!(error instanceof UnknownError)) throw error; // how the server answers a position that is no event's
    }
    return undefined;
  };
  const eventsFrom: EventStore['eventsFrom'] = async function* (position, count): AsyncGenerator<LoggedEvent> {
    try {
      let isThere = false;
      for await (const read of client.readAll({ fromPosition: { commit: position, prepare: position }, maxCount: count })) {
        isThere ||= read.event?.position.commit === position;
        if (!isThere) return;
        const item = logItem(sealer, read);
        if (item !== undefined) yield await item.clear();
      }
    } catch (error) {
      if (!(error instanceof UnknownError)) throw error; // how the server answers a position that is no event's
    }
  };
  const idAt: EventStore['idAt'] = async (position) => (await eventAt(position))?.id;
  const instantAt: EventStore['instantAt'] = async (position) => {
    const event = await eventAt(position);
    return event && (z.object({ at: instant }).safeParse(event.data).data?.at ?? event.created.toISOString());
  };

  /** The client's own end waits for streams that may never say that they are over, so it is given a moment only. */
  const close = async (): Promise<void> => {
    const moment = new AbortController();
    await Promise.race([client.dispose(), setTimeout(CLOSE_MS, undefined, { signal: moment.signal }).catch(() => {})]);
    moment.abort();
  };

  await lastPosition(); // a burst on a cold connection can hang
  return { append, readStream, follow: logFollower(client, sealer), eventsFrom, lastOf, lastPosition, idAt, instantAt, close };
};
