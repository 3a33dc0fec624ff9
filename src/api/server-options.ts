import { type FastifyBaseLogger, type FastifyHttpOptions, LogController } from 'fastify';
import type { Logger } from 'pino';
import { handleError } from './errors/handler.ts';
import { answerUnreadable } from './errors/unreadable.ts';

const KIB = 1024;

/** 32 KiB of userData (1.11) may come six times as long, when every character is escaped. */
export const BODY_LIMIT = 256 * KIB;
const HEADER_LIMIT = 16 * KIB;
const LONGEST_PARAM = 2_000;
const SECOND = 1_000;
/** How long a read may take. Writes end by the event store's own deadlines: a time-out of every request costs each an AbortController. */
export const READ_LIMIT_MS = 30 * SECOND;

const redacted = ['authorization', 'x-api-key', 'cookie'].flatMap((name) => [`headers["${name}"]`, `req.headers["${name}"]`]);

/** How the HTTP server behaves: bounds on size and time, no trust in proxies' headers, `newCorrId` for each request as it arrives. */
export const serverOptions = (log: Logger, newCorrId: () => string): FastifyHttpOptions<import('node:http').Server, FastifyBaseLogger> => ({
  loggerInstance: log.child({}, { redact: redacted }),
  logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'corrId' }),
  genReqId: newCorrId,
  requestIdHeader: false,
  trustProxy: false,
  bodyLimit: BODY_LIMIT,
  requestTimeout: 30 * SECOND,
  keepAliveTimeout: 72 * SECOND, // longer than load balancers keep theirs, so that they close first
  http: { maxHeaderSize: HEADER_LIMIT, headersTimeout: 15 * SECOND },
  forceCloseConnections: 'idle',
  return503OnClosing: false, // the app's own hook answers in the one error body
  routerOptions: { maxParamLength: LONGEST_PARAM },
  frameworkErrors: handleError,
  clientErrorHandler: (error, socket) => answerUnreadable(error.code, socket, newCorrId()),
});
