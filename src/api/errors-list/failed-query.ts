import type { Reads } from '../../domain/access/reads.ts';

/** How long failed queries are kept (8.5). */
export const KEPT_MS = 14 * 86_400_000;

/** A query of the API that failed, as the errors list shows it (8.5). Nothing in it came from the asker but the names of known parameters. */
export type FailedQuery = {
  readonly correlationId: string;
  /** UTC ISO text. */
  readonly at: string;
  readonly method: string;
  /** The route's pattern, never the address; `unknown` where no route was found. */
  readonly route: string;
  /** Names of the query's parameters; one that the route doesn't know is `unknown`. */
  readonly parameters: readonly string[];
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly cause: string;
  readonly queue: string | null;
};

/** The same as it is noted. `asker` is who may fill how much of the list; `reads` and `callbackId` tell whose queue it is about. */
export type NotedFailure = FailedQuery & { readonly asker: string; readonly reads: Reads; readonly callbackId: string | null };

export const errorSorts = ['at', 'status', 'code'] as const;
export type ErrorSort = (typeof errorSorts)[number];

/** Which failed queries, in which order. `after`: the last one listed before. Instants are epoch ms. */
export type ErrorsQuery = {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly status: readonly number[] | undefined;
  readonly code: readonly number[] | undefined;
  readonly sort: ErrorSort;
  readonly descending: boolean;
  readonly limit: number;
  readonly after: { readonly value: string | number; readonly correlationId: string } | undefined;
};

/** What was noted and isn't in the list, since the start: pushed out of a full buffer, or over what one asker, or all, may fill in an hour. */
export type Unlisted = Readonly<Record<'buffer' | 'asker' | 'all', number>>;

/** Failed queries of the last 14 days, without those about queues that the reader may not read (8.2). */
export type ErrorsList = {
  /** Takes note, at once and without a failure: what is noted is written later. */
  readonly note: (failed: NotedFailure) => void;
  readonly list: (query: ErrorsQuery, reads: Reads) => Promise<{ readonly rows: readonly FailedQuery[]; readonly total: number }>;
  readonly find: (correlationId: string, reads: Reads) => Promise<FailedQuery | undefined>;
  readonly unlisted: () => Unlisted;
};
