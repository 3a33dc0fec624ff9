import type { JSONEventData } from '@eventstore/db-client';
import { z } from 'zod';
import { type DomainEvent, specOf } from '../domain/catalogue.ts';
import { actor, type JsonObject, type Metadata, type Recorded, upcast } from '../domain/kit/events.ts';
import { eventId } from './event-id.ts';

/**
 * Seals and opens the personal fields of one event. `open` answers undefined once the key is gone, and rejects with an error of one of
 * `SPOILT` when what is stored was changed; with any other, it couldn't be asked now. `hash` is keyed, a purpose a label.
 */
export type Sealer = {
  readonly seal: (keyId: string, type: string, fields: JsonObject) => Promise<string>;
  readonly open: (keyId: string, type: string, sealed: string) => Promise<JsonObject | undefined>;
  readonly hash: (label: string, ...parts: string[]) => string;
};

/** Names of the errors that say that an envelope, or its key, is not what was sealed. */
const SPOILT = new Set(['EnvelopeError', 'SecretsKeyError']);

/** Keys can't be asked for now: the event may be good, and be read later. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

const opening = (error: unknown): never => {
  if (error instanceof Error && SPOILT.has(error.name)) throw error;
  throw new KeysUnavailableError(error instanceof Error ? error.message : 'the key store could not be asked', { cause: error });
};

/** Who sends a command, through which request, caused by what (1.12). `causationId` is the request's or the causing event's id. */
export type CommandContext = Omit<Metadata, 'version'>;

/** What the event store hands out, as far as the codec reads it. */
export type StoredEvent = {
  readonly id: string;
  readonly type: string;
  readonly streamId: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly data: unknown;
  readonly metadata: unknown;
};

const storedMetadata = z.object({
  version: z.int().min(1),
  $correlationId: z.string(),
  $causationId: z.string(),
  commandId: z.string(),
  actor,
  reason: z.string().optional(),
});
const keyName = z.string();

const isObject = (data: unknown): data is JsonObject => typeof data === 'object' && data !== null && !Array.isArray(data);

const divide = (data: JsonObject, names: readonly string[]): { named: Record<string, unknown>; rest: Record<string, unknown> } => {
  const named: Record<string, unknown> = {};
  const rest: Record<string, unknown> = { ...data };
  for (const name of names) {
    named[name] = data[name];
    delete rest[name];
  }
  return { named, rest };
};

/** A domain event as the event store takes it: personal fields sealed under the key that its `keyId` names. */
export const encode = async (
  sealer: Sealer,
  streamId: string,
  index: number,
  event: DomainEvent,
  context: CommandContext,
): Promise<JSONEventData> => {
  const spec = specOf(event.type);
  if (spec === undefined) throw new Error(`${event.type} is not in the catalogue`);
  const data = spec.data.parse(event.data);
  const { correlationId, causationId, commandId, actor: who, reason } = context;
  return {
    id: eventId(sealer.hash, { commandId, streamId, index, type: event.type, data }),
    contentType: 'application/json',
    type: event.type,
    data: spec.personal.length === 0 ? data : await sealed(sealer, event.type, data, spec.personal),
    metadata: {
      version: spec.v,
      $correlationId: correlationId,
      $causationId: causationId,
      commandId,
      actor: who,
      ...(reason === undefined ? {} : { reason }),
    },
  };
};

const sealed = async (sealer: Sealer, type: string, data: JsonObject, personal: readonly string[]): Promise<Record<string, unknown>> => {
  const { named, rest } = divide(data, personal);
  rest.sealed = await sealer.seal(keyName.parse(data.keyId), type, named);
  return rest;
};

/**
 * A stored event as the current code knows it; undefined for a type it doesn't know.
 * Personal fields are opened only when `personal` asks for them, and are null without it or once their key is gone.
 * Throws `NewerVersionError`, `KeysUnavailableError`, or another error on known data that is broken.
 */
export const decode = async (sealer: Sealer, stored: StoredEvent, personal: boolean): Promise<Recorded<DomainEvent> | undefined> => {
  const spec = specOf(stored.type);
  if (spec === undefined) return undefined;
  const { version, $correlationId, $causationId, commandId, actor: who, reason } = storedMetadata.parse(stored.metadata);
  if (!isObject(stored.data)) throw new Error(`${stored.type} ${stored.id}: its data is no JSON object`);
  const { sealed: envelope, ...clear } = stored.data;
  const nulls = Object.fromEntries(spec.personal.map((name) => [name, null]));
  const opened =
    personal && typeof envelope === 'string'
      ? await sealer.open(keyName.parse(clear.keyId), stored.type, envelope).catch(opening)
      : undefined;
  const data = upcast(stored.type, spec, version, spec.personal.length === 0 ? clear : { ...clear, ...nulls, ...opened });
  const metadata: Metadata = {
    version,
    correlationId: $correlationId,
    causationId: $causationId,
    commandId,
    actor: who,
    ...(reason === undefined ? {} : { reason }),
  };
  const { id, streamId, revision, position } = stored;
  // The schema of the catalogue's row has just parsed the data, which the compiler can't follow from a type known at run time only.
  return { type: stored.type, data, id, streamId, revision, position, metadata } as Recorded<DomainEvent>;
};
