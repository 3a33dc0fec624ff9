import type { FastifyReply, FastifyRequest } from 'fastify';
import type { NoteFailure } from '../errors-list/note.ts';
import { headersOfData } from '../security-headers.ts';
import { bodyOf, statusOf } from './body.ts';
import type { Failure } from './failure.ts';
import { failureFrom } from './from-error.ts';
import { isBeingBuilt } from './unavailable.ts';

/** Name, code, text and stack alone: what a database puts beside them may hold the data that it refused. */
const loggable = (error: unknown) =>
  error instanceof Error
    ? { name: error.name, code: Reflect.get(error, 'code'), message: error.message, stack: error.stack }
    : { name: typeof error };

/** Answers with a failure, in the one error body. */
const sendFailure = (failure: Failure, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const { row, details } = failure;
  if (row.retry !== undefined) reply.header('retry-after', String(row.retry));
  return reply
    .headers({ ...headersOfData, 'x-correlation-id': request.id, ...details.headers })
    .code(statusOf(failure, request.raw.url))
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(bodyOf(failure, request.id));
};

/**
 * Answers whatever was thrown, and takes note of it; what the service is to blame for is logged, without internals in the answer. A start's
 * first moments are no error.
 */
export const errorHandler =
  (note: NoteFailure) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const failure = failureFrom(error, request.routeOptions.bodyLimit);
    if (failure.row.http >= 500 && error !== failure)
      request.log[isBeingBuilt(error) ? 'info' : 'error']({ error: loggable(error), code: failure.row.code }, 'request failed');
    note(failure, error, request);
    return sendFailure(failure, request, reply);
  };
