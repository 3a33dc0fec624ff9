import { CancelledError, DeadlineExceededError, NotLeaderError, TimeoutError, UnavailableError } from '@eventstore/db-client';

const PASSING = [UnavailableError, TimeoutError, DeadlineExceededError, NotLeaderError, CancelledError];

/** The event store couldn't be reached or didn't answer in time: the same may succeed later. Whether an append was recorded is unknown. */
export const isUnavailable = (error: unknown): boolean => PASSING.some((kind) => error instanceof kind);
