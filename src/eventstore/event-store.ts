import type { DomainEvent } from '../domain/catalogue.ts';
import type { Recorded } from '../domain/kit/events.ts';
import type { CommandContext } from './codec.ts';

/** What the stream's last revision must be for an append to hold. */
export type Expected = bigint | 'no-stream' | 'any';

/** `revision` and `position` are those of the last event appended, `ids` are all of theirs; refused, `actual` is where the stream stands. */
export type Appended =
  | { readonly ok: true; readonly revision: bigint; readonly position: bigint; readonly ids: readonly string[] }
  | { readonly ok: false; readonly actual: bigint | 'no-stream' };

/** Where an event lies: in its stream, and in the log. */
export type StreamPlace = { readonly revision: bigint; readonly position: bigint };

/**
 * What a follower of the whole log gets, in order. `caught-up`: all that was there at the start has been handed over. `keyId`: the key that
 * what can't be read is sealed under, if it is.
 */
export type Feed =
  | { readonly kind: 'event'; readonly event: Recorded<DomainEvent> }
  | { readonly kind: 'unknown'; readonly position: bigint; readonly id: string; readonly type: string; readonly keyId?: string }
  | {
      readonly kind: 'broken';
      readonly position: bigint;
      readonly id: string;
      readonly type: string;
      readonly streamId: string;
      readonly error: Error;
      readonly keyId?: string;
    }
  | { readonly kind: 'caught-up' };

/** What lies at a position of the log. */
export type LoggedEvent = Exclude<Feed, { readonly kind: 'caught-up' }>;

/** The one door to EventStoreDB. `personal` opens sealed fields; without it they read as null. */
export type EventStore = {
  /** All events or none. Events decided for several commands in one append carry a context each. */
  readonly append: (
    streamId: string,
    events: readonly DomainEvent[],
    expected: Expected,
    context: CommandContext | readonly CommandContext[],
  ) => Promise<Appended>;
  /**
   * The events of one stream that this code knows, in order; none for a stream that doesn't exist. `unknown` hears where the others lie,
   * those of types that newer code writes.
   */
  readonly readStream: (
    streamId: string,
    options?: { from?: bigint; personal?: boolean; unknown?: (at: StreamPlace) => void },
  ) => AsyncIterable<Recorded<DomainEvent>>;
  /**
   * All events after position `after` (or from the start), then live ones as they come, until `signal` aborts. System events are left out.
   * Rejects on an event that newer code wrote, or whose key can't be asked for now.
   */
  readonly follow: (options: { after: bigint | undefined; personal: boolean; signal: AbortSignal }) => AsyncIterable<Feed>;
  /**
   * What lies in the log from exactly that position on, `count` events at most, system events counted but left out; nothing where the log has
   * no event there. Personal fields read as null.
   */
  readonly eventsFrom: (position: bigint, count: number) => AsyncIterable<LoggedEvent>;
  /** Revision and position of a stream's last event; undefined when it doesn't exist. */
  readonly lastOf: (streamId: string) => Promise<StreamPlace | undefined>;
  /** Position of the last event in the log, system events left out as followers never get them; undefined when there is none. */
  readonly lastPosition: () => Promise<bigint | undefined>;
  /** Id of the event at exactly that position; undefined when the log has none there. */
  readonly idAt: (position: bigint) => Promise<string | undefined>;
  /** The instant (UTC text) of the event at exactly that position, or when it was written if it names none; undefined when the log has none there. */
  readonly instantAt: (position: bigint) => Promise<string | undefined>;
  readonly close: () => Promise<void>;
};
