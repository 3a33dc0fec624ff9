import { setTimeout } from 'node:timers/promises';
import {
  type AllStreamResolvedEvent,
  END,
  EventStoreDBClient,
  NO_STREAM,
  type RecordedEvent,
  StreamNotFoundError,
  UnknownError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import type { DomainEvent } from '../domain/catalogue.ts';
import { NewerVersionError, type Recorded } from '../domain/kit/events.ts';
import { type CommandContext, decode, encode, KeysUnavailableError, type Sealer, type StoredEvent } from './codec.ts';
import type { EventStore, Feed } from './event-store.ts';
import { subscription } from './subscription.ts';

const ANY = 'any';
const CLOSE_MS = 200;
const isContext = (contexts: CommandContext | readonly CommandContext[]): contexts is CommandContext => !Array.isArray(contexts);
const isSystem = (type: string): boolean => type.startsWith('$');

/** Commit and prepare are equal for every event, so one number is kept; a log where they differ is refused. */
const stored = (event: RecordedEvent): StoredEvent => {
  const { position } = event;
  if (position === undefined) throw new Error('the event store answers without positions; EventStoreDB 22.10 or later is needed');
  if (position.commit !== position.prepare) throw new Error(`event ${event.id}: commit and prepare position differ`);
  return { ...event, position: position.commit };
};

/** Opens the event store that `connectionString` (`esdb://…`) names, real or embedded, and waits until it answers. */
export const connectEventStore = async (connectionString: string, sealer: Sealer): Promise<EventStore> => {
  const client = EventStoreDBClient.connectionString(connectionString);

  const lastPosition = async (): Promise<bigint | undefined> => {
    for await (const { event } of client.readAll({ direction: 'backwards', fromPosition: END, maxCount: 1 })) return event?.position.commit;
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
      const answer = await client.appendToStream(streamId, encoded, {
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
    { from, personal = false } = {},
  ): AsyncGenerator<Recorded<DomainEvent>> {
    try {
      for await (const { event } of client.readStream(streamId, from === undefined ? {} : { fromRevision: from })) {
        const known = event === undefined ? undefined : await decode(sealer, stored(event), personal);
        if (known !== undefined) yield known;
      }
    } catch (error) {
      if (!(error instanceof StreamNotFoundError)) throw error;
    }
  };

  const feedOf = async ({ event }: AllStreamResolvedEvent, personal: boolean): Promise<Feed | undefined> => {
    if (event === undefined || isSystem(event.type)) return undefined;
    const raw = stored(event);
    try {
      const known = await decode(sealer, raw, personal);
      return known === undefined
        ? { kind: 'unknown', position: raw.position, id: raw.id, type: raw.type }
        : { kind: 'event', event: known };
    } catch (error) {
      if (error instanceof NewerVersionError || error instanceof KeysUnavailableError || !(error instanceof Error)) throw error;
      return { kind: 'broken', position: raw.position, id: raw.id, type: raw.type, streamId: raw.streamId, error };
    }
  };

  const follow: EventStore['follow'] = async function* ({ after, personal, signal }): AsyncGenerator<Feed> {
    for await (const item of subscription(client, after, signal)) {
      const feed = item === 'caught-up' ? ({ kind: 'caught-up' } as const) : await feedOf(item, personal);
      if (feed !== undefined) yield feed;
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

  const idAt: EventStore['idAt'] = async (position) => {
    try {
      for await (const { event } of client.readAll({ fromPosition: { commit: position, prepare: position }, maxCount: 1 })) {
        return event?.position.commit === position ? event.id : undefined;
      }
    } catch (error) {
      if (!(error instanceof UnknownError)) throw error; // how the server answers a position that is no event's
    }
    return undefined;
  };

  /** The client's own end waits for streams that may never say that they are over, so it is given a moment only. */
  const close = async (): Promise<void> => {
    const moment = new AbortController();
    await Promise.race([client.dispose(), setTimeout(CLOSE_MS, undefined, { signal: moment.signal }).catch(() => {})]);
    moment.abort();
  };

  await lastPosition(); // a burst on a cold connection can hang
  return { append, readStream, follow, lastOf, lastPosition, idAt, close };
};
