import type { AllStreamResolvedEvent, RecordedEvent } from '@eventstore/db-client';
import { NewerVersionError } from '../domain/kit/events.ts';
import { decode, KeysUnavailableError, type Sealer, type StoredEvent } from './codec.ts';
import type { Feed } from './event-store.ts';

type Item = Exclude<Feed, { kind: 'caught-up' }>;

/** One event of the log as followers get it: decoded when it is first asked for, and once for all who ask. `bytes`: about what it takes in memory. */
export type LogItem = {
  readonly position: bigint;
  readonly bytes: number;
  readonly clear: () => Promise<Item>;
  readonly personal: () => Promise<Item>;
};

/** An event without its envelope is small; an envelope lies here sealed, and again opened. */
const SMALL_BYTES = 1_024;

/** The event store's own events, which no follower gets. */
export const isSystem = (type: string): boolean => type.startsWith('$');

/** Commit and prepare are equal for every event, so one number is kept; a log where they differ is refused. */
export const stored = (event: RecordedEvent): StoredEvent => {
  const { position } = event;
  if (position === undefined) throw new Error('the event store answers without positions; EventStoreDB 22.10 or later is needed');
  if (position.commit !== position.prepare) throw new Error(`event ${event.id}: commit and prepare position differ`);
  return { ...event, position: position.commit };
};

/** The key that an event is sealed under, whether or not it can be read. */
const sealedUnder = ({ data }: StoredEvent): { readonly keyId?: string } =>
  typeof data === 'object' && data !== null && 'sealed' in data && 'keyId' in data && typeof data.keyId === 'string'
    ? { keyId: data.keyId }
    : {};

const feedOf = async (sealer: Sealer, raw: StoredEvent, personal: boolean): Promise<Item> => {
  const { id, type, streamId, position } = raw;
  try {
    const known = await decode(sealer, raw, personal);
    return known === undefined ? { kind: 'unknown', position, id, type, ...sealedUnder(raw) } : { kind: 'event', event: known };
  } catch (error) {
    if (error instanceof NewerVersionError || error instanceof KeysUnavailableError || !(error instanceof Error)) throw error;
    return { kind: 'broken', position, id, type, streamId, error, ...sealedUnder(raw) };
  }
};

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error) => {
      made = undefined; // what fails now may be well later
      throw error;
    });
    return made;
  };
};

/** What the log hands out, ready to be decoded; undefined for system events. */
export const logItem = (sealer: Sealer, { event }: AllStreamResolvedEvent): LogItem | undefined => {
  if (event === undefined || isSystem(event.type)) return undefined;
  const raw = stored(event);
  const clear = once(() => feedOf(sealer, raw, false));
  const sealed = typeof raw.data === 'object' && raw.data !== null && 'sealed' in raw.data ? raw.data.sealed : undefined;
  const bytes = SMALL_BYTES + (typeof sealed === 'string' ? 2 * sealed.length : 0);
  return { position: raw.position, bytes, clear, personal: sealed === undefined ? clear : once(() => feedOf(sealer, raw, true)) };
};
