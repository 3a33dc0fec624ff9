import { type FastifyBaseLogger, type FastifyHttpOptions, LogController } from 'fastify';
import type { Logger } from 'pino';
import { errorHandler } from './errors/handler.ts';
import { answerUnreadable } from './errors/unreadable.ts';
import type { NoteFailure, NoteUnreadable } from './errors-list/note.ts';

const KIB = 1024;

/** 32 KiB of userData (1.11) may come six times as long, when every character is escaped. */
export const BODY_LIMIT = 256 * KIB;
const HEADER_LIMIT = 16 * KIB;
const LONGEST_PARAM = 2_000;
const SECOND = 1_000;
/** How long a read may take. Writes end by the event store's own deadlines: a time-out of every request costs each an AbortController. */
export const READ_LIMIT_MS = 30 * SECOND;

/** How long what is under way may take when the service closes. Whoever stops processes waits longer, as a rule for 30 s. */
export const CLOSING_LIMIT_MS = 10 * SECOND;

/** How long a request may take to arrive, its headers and all of it, and how often that is looked at: ms of the machine's time. */
export type ConnectionLimits = { readonly headersMs: number; readonly requestMs: number; readonly lookMs: number };
export const connectionLimits: ConnectionLimits = { headersMs: 15 * SECOND, requestMs: 30 * SECOND, lookMs: 5 * SECOND };

/** Who takes note of what fails. */
export type Notes = { readonly failed: NoteFailure; readonly unreadable: NoteUnreadable };

const redacted = ['authorization', 'x-api-key', 'cookie'].flatMap((name) => [`headers["${name}"]`, `req.headers["${name}"]`]);

/** How the HTTP server behaves: bounds on size and time, no trust in proxies' headers, `newCorrId` for each request as it arrives; what fails is noted. */
export const serverOptions = (
  log: Logger,
  newCorrId: () => string,
  note: Notes,
  limits: ConnectionLimits = connectionLimits,
): FastifyHttpOptions<import('node:http').Server, FastifyBaseLogger> => ({
  loggerInstance: log.child({}, { redact: redacted }),
  logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'corrId' }),
  genReqId: newCorrId,
  requestIdHeader: false,
  trustProxy: false,
  bodyLimit: BODY_LIMIT,
  requestTimeout: limits.requestMs,
  keepAliveTimeout: 72 * SECOND, // longer than load balancers keep theirs, so that they close first
  http: {
    maxHeaderSize: HEADER_LIMIT,
    headersTimeout: limits.headersMs,
    connectionsCheckingInterval: limits.lookMs,
  },
  forceCloseConnections: 'idle',
  return503OnClosing: false, // the app's own hook answers in the one error body
  routerOptions: { maxParamLength: LONGEST_PARAM },
  frameworkErrors: errorHandler(note.failed),
  clientErrorHandler: (error, socket) => {
    const corrId = newCorrId();
    const failure = answerUnreadable(error.code, socket, corrId);
    if (failure !== undefined) note.unreadable(failure, corrId);
  },
});
