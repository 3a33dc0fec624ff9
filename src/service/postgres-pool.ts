import type pg from 'pg';

/** A node that stops in the middle of a transaction keeps its locks no longer, or the one that takes over would wait for it. */
const IDLE_IN_TRANSACTION_MS = 5_000;
/** Who gets no connection for so long, because Postgres hangs or all are in use, is told so. */
const CONNECT_MS = 5_000;
/** A Postgres that was cut off or lost its power says nothing: so long after the last word of a connection it is asked for one. */
const KEEP_ALIVE_MS = 10_000;

/** Who asks for something on behalf of a request waits no longer for the answer of a Postgres that hangs. */
const ANSWER_MS = 10_000;

/** How pools connect to a real Postgres. */
export const poolOf = (connectionString: string | undefined): pg.PoolConfig => ({
  ...{ connectionString, pipeline: true, connectionTimeoutMillis: CONNECT_MS, idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS },
  ...{ keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_MS },
});

/** The same for what requests ask, whose statements are all short: one that isn't answered in time fails, and its connection is given up. */
export const requestPoolOf = (connectionString: string | undefined, answerMs = ANSWER_MS): pg.PoolConfig => ({
  ...poolOf(connectionString),
  query_timeout: answerMs,
});
