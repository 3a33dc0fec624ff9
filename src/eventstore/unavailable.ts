import { CancelledError, DeadlineExceededError, NotLeaderError, TimeoutError, UnavailableError, UnknownError } from '@eventstore/db-client';

const PASSING = [UnavailableError, TimeoutError, DeadlineExceededError, NotLeaderError, CancelledError];

/** CANCELLED, DEADLINE_EXCEEDED, INTERNAL (a connection that breaks off) and UNAVAILABLE: the client lets some of gRPC's own errors through, as when it asks a server what it can do. */
const GRPC_PASSING: readonly unknown[] = [1, 4, 13, 14];
const isGrpc = (error: unknown): boolean =>
  error instanceof Error && 'metadata' in error && 'code' in error && GRPC_PASSING.includes(error.code);

/** What the embedded server says of an append that its disk didn't take; the client knows no kind for it. */
const NOT_WRITTEN = /nothing was written/i;

/** The event store couldn't be reached, didn't answer in time or couldn't write: the same may succeed later. Whether an append was recorded is unknown. */
export const isUnavailable = (error: unknown): boolean =>
  PASSING.some((kind) => error instanceof kind) || isGrpc(error) || (error instanceof UnknownError && NOT_WRITTEN.test(error.message));
