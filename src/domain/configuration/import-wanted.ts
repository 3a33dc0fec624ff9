import type { Reads } from '../access/reads.ts';
import type { Precondition } from '../kit/precondition.ts';
import type { ColumnName, OwnSettings } from './columns.ts';
import type { BusinessHours } from './events.ts';
import type { RuleKind, RuleOf } from './rule-state.ts';
import type { Configuration } from './state.ts';

/** Rules that a queue is to have; null takes one away, and what isn't named stays. */
export type WantedNames = { readonly [K in RuleKind]?: string | null | undefined };

/** What an import says, by name. A part that it doesn't have stays as it is; of an assignment, so does a kind that it doesn't name. */
export type Wanted = {
  readonly businessHours?: ReadonlyMap<string, BusinessHours>;
  readonly queues?: ReadonlyMap<string, OwnSettings>;
  /** Columns that rows which are there keep, for the import knows nothing of them. */
  readonly kept?: readonly ColumnName[];
  /** Values that rows are said to inherit: one that isn't inherited was meant to be set. */
  readonly inherited?: ReadonlyMap<string, OwnSettings>;
  readonly rules?: { readonly [K in RuleKind]?: ReadonlyMap<string, RuleOf[K]> };
  readonly assignments?: ReadonlyMap<string, WantedNames>;
};
export type ImportPart = 'businessHours' | 'queues' | RuleKind | 'assignments';

/** Why an import can't be taken: what is wrong with one name of a part. `queues`: those that it concerns. */
export type ImportProblem = {
  readonly part: ImportPart;
  readonly name: string;
  readonly field?: string;
  readonly message: string;
  readonly queues?: readonly string[];
};

/**
 * `replace`: what a part doesn't name is deleted, instead of left as it is. `reads`: the queues of the one who imports; others are neither
 * changed nor deleted. `precondition` is about `etag`; null asks for none.
 */
export type ImportCommand = {
  readonly wanted: Wanted;
  readonly replace: boolean;
  readonly reads: Reads;
  readonly openCallbacks: (queue: string) => number;
  readonly precondition: Precondition | null;
  readonly etag: (state: Configuration, reads: Reads) => string;
  readonly now: string;
};
