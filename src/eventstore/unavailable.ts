import { CancelledError, DeadlineExceededError, NotLeaderError, TimeoutError, UnavailableError } from '@eventstore/db-client';

const PASSING = [UnavailableError, TimeoutError, DeadlineExceededError, NotLeaderError, CancelledError];

/** CANCELLED, DEADLINE_EXCEEDED and UNAVAILABLE: the client lets some of gRPC's own errors through, as when it asks a server what it can do. */
const GRPC_PASSING: readonly unknown[] = [1, 4, 14];
const isGrpc = (error: unknown): boolean =>
  error instanceof Error && 'metadata' in error && 'code' in error && GRPC_PASSING.includes(error.code);

/** The event store couldn't be reached or didn't answer in time: the same may succeed later. Whether an append was recorded is unknown. */
export const isUnavailable = (error: unknown): boolean => PASSING.some((kind) => error instanceof kind) || isGrpc(error);
