import type { FastifyRequest } from 'fastify';
import type { CommandContext } from '../eventstore/codec.ts';

/** Who acts, through which request, and why (1.12): the body's reason, or else that of the header `x-reason`. */
export const contextOf = (request: FastifyRequest, newId: () => string, reason?: string): CommandContext => {
  const { actor, id } = request;
  if (actor === null) throw new Error('a command needs an actor');
  const header = request.headers['x-reason'];
  const why = reason ?? (typeof header === 'string' && header !== '' ? header : undefined);
  return { correlationId: id, causationId: id, commandId: newId(), actor, ...(why === undefined ? {} : { reason: why }) };
};
