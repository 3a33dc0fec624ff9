import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { iso } from '../../clock.ts';
import { decideOnConfiguration } from '../../commands/configure.ts';
import { mayRead, visibleConfiguration } from '../../domain/access/reads.ts';
import { decideStop, type StopRefusal } from '../../domain/configuration/stop-decider.ts';
import { refuse } from '../../domain/kit/decider.ts';
import { commandsFor, readsBy } from '../auth/reads.ts';
import { carryOut, preconditionOf } from '../configuring.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { guardedHeaders } from '../schemas/headers.ts';
import { queueName, text } from '../schemas/text.ts';
import { shownForAll, shownOfQueue, stopForAll, stopOfQueue } from './row.ts';

const read = { permission: { user: ['stopSwitch', 'R'] } } as const;
const change = { permission: { user: ['stopSwitch', 'W'] } } as const;
const described = { tags: ['stop switch'], security: [{ token: [] }] };
const params = z.object({ queue: queueName });
const body = z.strictObject({
  stopped: z.boolean(),
  reason: text(200).nullish().describe('Why, in words, as everybody is shown it; left out, that of the header x-reason'),
});

const failureOf = ({ code }: StopRefusal): Failure => new Failure(code === 'UNKNOWN_QUEUE' ? 'QUEUE_NOT_FOUND' : code);

/** GET and PUT /stop, the switch for all, and /queues/{queue}/stop (1.15). */
export const stopSwitch =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const { commands } = deps;
    const turn = async (
      request: FastifyRequest,
      reply: FastifyReply,
      queue: string | null,
      { stopped, reason }: z.output<typeof body>,
      headers: z.output<typeof guardedHeaders>,
    ) => {
      const reads = readsBy(request);
      const why = reason || headers['x-reason'] || null;
      const command = { queue, stopped, reason: why, precondition: preconditionOf(headers), now: iso(commands.clock.now()) };
      const { configuration } = await carryOut(
        ...([deps, request, reply] as const),
        (context) =>
          decideOnConfiguration<StopRefusal>(
            commands.store,
            (state) => (queue === null || mayRead(reads, queue) ? decideStop(command, state) : refuse({ code: 'UNKNOWN_QUEUE' })),
            why === null ? context : { ...context, reason: why },
            commands.configurationSoFar,
          ),
        failureOf,
      );
      return visibleConfiguration(configuration, reads);
    };

    app.get(
      '/stop',
      {
        config: read,
        schema: {
          ...described,
          operationId: 'getStop',
          summary: 'Whether all dialing is stopped: who, why, since when',
          response: { 200: stopForAll, ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (_, reply) => {
        const shown = shownForAll(commands.configuration());
        return reply.header('etag', shown.etag).send(shown);
      },
    );
    app.put(
      '/stop',
      {
        config: change,
        schema: {
          ...described,
          operationId: 'putStop',
          summary: 'Stop dialing and pushing for every queue, or let it go on; booking goes on all the while',
          headers: guardedHeaders,
          body,
          response: { 200: stopForAll, ...failures(400, 401, 403, 412, 500, 503) },
        },
      },
      async (request, reply) => {
        if (readsBy(request) !== 'all') {
          const message = 'stops queues that you don’t read, too: stop those that you do one by one';
          throw new Failure('RIGHT_MISSING', { errors: [{ path: 'stopped', message }] });
        }
        const shown = shownForAll(await turn(request, reply, null, request.body, request.headers));
        return reply.header('etag', shown.etag).send(shown);
      },
    );
    app.get(
      '/queues/:queue/stop',
      {
        config: read,
        schema: {
          ...described,
          operationId: 'getStopOfQueue',
          summary: 'Whether a queue’s dialing is stopped, by its own switch or the one for all',
          params,
          response: { 200: stopOfQueue, ...failures(400, 401, 403, 404, 500, 503) },
        },
      },
      async (request, reply) => {
        const shown = shownOfQueue(commandsFor(commands, request).configuration(), request.params.queue);
        return reply.header('etag', shown.etag).send(shown);
      },
    );
    app.put(
      '/queues/:queue/stop',
      {
        config: change,
        schema: {
          ...described,
          operationId: 'putStopOfQueue',
          summary: 'Stop dialing and pushing for a queue, or let it go on; booking goes on all the while',
          params,
          headers: guardedHeaders,
          body,
          response: { 200: stopOfQueue, ...failures(400, 401, 403, 404, 412, 500, 503) },
        },
      },
      async (request, reply) => {
        const { queue } = request.params;
        const shown = shownOfQueue(await turn(request, reply, queue, request.body, request.headers), queue);
        return reply.header('etag', shown.etag).send(shown);
      },
    );
  };
