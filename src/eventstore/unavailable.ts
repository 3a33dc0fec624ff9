import { CancelledError, DeadlineExceededError, NotLeaderError, TimeoutError, UnavailableError, UnknownError } from '@eventstore/db-client';

const PASSING = [UnavailableError, TimeoutError, DeadlineExceededError, NotLeaderError, CancelledError];

/** What the embedded server says of an append that its disk didn't take; the client knows no kind for it. */
const NOT_WRITTEN = /nothing was written/i;

/** The event store couldn't be reached, didn't answer in time or couldn't write: the same may succeed later. Whether an append was recorded is unknown. */
export const isUnavailable = (error: unknown): boolean =>
  PASSING.some((kind) => error instanceof kind) || (error instanceof UnknownError && NOT_WRITTEN.test(error.message));
