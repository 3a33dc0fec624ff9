import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Configured } from '../commands/configure.ts';
import type { Precondition } from '../domain/kit/precondition.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import { contextOf } from './context.ts';
import type { ApiDeps } from './deps.ts';
import type { Failure } from './errors/failure.ts';
import { tellPosition } from './positions.ts';
import type { guardedHeaders } from './schemas/headers.ts';

const LONGEST_WAIT_MS = 2_000;

/** How a request guards its change against another's, by its headers. */
export const preconditionOf = (headers: z.output<typeof guardedHeaders>): Precondition => {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  return { ...(ifMatch === undefined ? {} : { ifMatch }), ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }) };
};

/**
 * Carries out a change of the configuration for the one who asks, and says in `x-position` where it lies; ends when this node's own view
 * shows it. Throws the failure that answers a refusal.
 */
export const carryOut = async <R>(
  { commands, liveWaitFor }: Pick<ApiDeps, 'commands' | 'liveWaitFor'>,
  request: FastifyRequest,
  reply: FastifyReply,
  change: (context: CommandContext) => Promise<Configured<R>>,
  failureOf: (refusal: R) => Failure,
) => {
  const done = await change(contextOf(request, commands.newId));
  if (!done.ok) throw failureOf(done.refusal);
  if (done.position !== undefined) await liveWaitFor(done.position, LONGEST_WAIT_MS);
  tellPosition(reply, done.position);
  return done;
};

/** Answers a PUT with the resource as it is now: 201 when it was made. An edit without if-match is refused, so one without it made it. */
export const sendPut = <T extends { readonly etag: string }>(
  reply: FastifyReply,
  shown: T,
  changed: boolean,
  { ifMatch }: Precondition,
): FastifyReply =>
  reply
    .code(changed && ifMatch === undefined ? 201 : 200)
    .header('etag', shown.etag)
    .send(shown);
