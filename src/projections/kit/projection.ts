import type { DomainEvent } from '../../domain/catalogue.ts';
import type { Recorded } from '../../domain/kit/events.ts';
import type { ColumnType } from './columns.ts';

export type Event = Recorded<DomainEvent>;

/** A row as a fold sees it: `key` and a value a column, in the forms that `ColumnType` names. A type alias, not an interface, fits. */
export type RowData = { readonly key: string; readonly [column: string]: unknown };

/**
 * A read model is a keyed fold: it reads nothing but its row and the event, and gives the next row, or undefined to delete it.
 * A fold that has nothing to change answers the row it was given, and nothing is written. The engine owns I/O and the row's `position`.
 */
export type Projection<Row extends RowData = RowData> = {
  /** In snake case: readers query the view of this name. */
  readonly name: string;
  /** Raised with every change of columns, keys or fold: the new table is built beside the old one, then swapped. */
  readonly version: number;
  /** Personal fields are opened; without it they read as null. */
  readonly personal: boolean;
  /** The columns that personal fields come to: copies of rows lose them with the key. */
  readonly personalColumns?: readonly (keyof Row & string)[];
  readonly columns: { readonly [C in keyof Row & string]: ColumnType };
  /** SQL fragments, each the columns of one index: '(desired_time, key)'. */
  readonly indexes?: readonly string[];
  /** The keys of all rows that the event concerns, each once. A method, like `fold`, so that one list may hold projections of any rows. */
  keysOf(event: Event): readonly string[];
  fold(row: Row | undefined, event: Event, key: string): Row | undefined;
};

export const defineProjection = <Row extends RowData>(projection: Projection<Row>): Projection<Row> => projection;

/** A row, or its absence, after the last event that changed it. */
export type Kept = { readonly row: RowData | undefined; readonly position: bigint };

/** One event and those of its keys that are to be folded. */
export type Work = { readonly event: Event; readonly keys: readonly string[] };

/** A fold that threw: its key takes no further event. */
export type Failure = { readonly key: string; readonly event: Event; readonly error: unknown };

export type Applied = { readonly changed: Map<string, Kept>; readonly failures: readonly Failure[] };

/** The work that a projection has with a batch of events. */
export const workOf = (projection: Projection, events: readonly Event[]): Work[] =>
  events.map((event) => ({ event, keys: projection.keysOf(event) }));

/**
 * Folds a batch over the rows that were kept before it, and answers what changed. A row never meets an event twice: one at or below
 * its position is passed over, so a batch delivered again changes nothing. A fold that throws stops its key at the event before.
 */
export const applyBatch = (projection: Projection, kept: ReadonlyMap<string, Kept>, batch: readonly Work[]): Applied => {
  const changed = new Map<string, Kept>();
  const failures = new Map<string, Failure>();
  for (const { event, keys } of batch) {
    for (const key of keys) {
      const before = changed.get(key) ?? kept.get(key);
      if ((before !== undefined && before.position >= event.position) || failures.has(key)) continue;
      try {
        const row = projection.fold(before?.row, event, key);
        if (row !== before?.row) changed.set(key, { row, position: event.position });
      } catch (error) {
        failures.set(key, { key, event, error });
      }
    }
  }
  return { changed, failures: [...failures.values()] };
};
