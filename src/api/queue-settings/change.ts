import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { iso } from '../../clock.ts';
import { configure } from '../../commands/configure.ts';
import { settingsRow } from '../../domain/configuration/columns.ts';
import type { ConfigurationCommand } from '../../domain/configuration/decider.ts';
import { readsBy } from '../auth/reads.ts';
import { carryOut, preconditionOf, sendPut } from '../configuring.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { configurationFailure } from '../errors/refusals.ts';
import { guardedHeaders } from '../schemas/headers.ts';
import { queueName } from '../schemas/text.ts';
import { ownSettings, queueSettings, shownSettings } from './row.ts';

const LONGEST_WAIT_MS = 2_000;
const config = { permission: { user: ['queueSettings', 'W'] } } as const;
const described = {
  tags: ['queue settings'],
  security: [{ token: [] }],
  params: z.object({ queue: queueName }),
  headers: guardedHeaders,
};

/** PUT and DELETE /queue-settings/{queue}; both answer when this node's own view shows the change. */
export const changeSettings =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const { commands, waiting, liveWaitFor } = deps;
    const change = (command: ConfigurationCommand, request: FastifyRequest, reply: FastifyReply) =>
      carryOut(
        ...([deps, request, reply] as const),
        (context) => configure(commands.store, command, context, readsBy(request), commands.configurationSoFar),
        (refusal) => configurationFailure(refusal, readsBy(request)),
      );

    app.put(
      '/queue-settings/:queue',
      {
        config,
        schema: {
          ...described,
          operationId: 'putQueueSettings',
          summary: 'Make a queue, or replace its whole row: a column left out or null is inherited. A retired queue takes bookings again',
          body: settingsRow,
          response: { 200: queueSettings, 201: queueSettings, ...failures(400, 401, 403, 412, 428, 500, 503) },
        },
      },
      async (request, reply) => {
        const { queue } = request.params;
        const precondition = preconditionOf(request.headers);
        const settings = ownSettings(request.body);
        const now = iso(commands.clock.now());
        const command = { type: 'PutQueueSettings', queue, settings, precondition, now } as const;
        const { configuration, changed } = await change(command, request, reply);
        return sendPut(reply, shownSettings(configuration, queue), changed, precondition);
      },
    );
    app.delete(
      '/queue-settings/:queue',
      {
        config,
        schema: {
          ...described,
          operationId: 'deleteQueueSettings',
          summary: 'Delete a queue that has no open callbacks, or retire it: no bookings, and it goes with its last callback',
          querystring: z.strictObject({
            retire: z
              .enum(['true', 'false'])
              .default('false')
              .describe('Where there are open callbacks, let them finish instead of refusing'),
          }),
          response: { 200: queueSettings, 204: z.undefined(), ...failures(400, 401, 403, 404, 409, 412, 428, 500, 503) },
        },
      },
      async (request, reply) => {
        const { queue } = request.params;
        const precondition = preconditionOf(request.headers);
        const last = await commands.store.lastPosition();
        if (last !== undefined) await liveWaitFor(last, LONGEST_WAIT_MS); // what other nodes booked counts, too
        const openCallbacks = waiting.openCallbacks(queue);
        const now = iso(commands.clock.now());
        const retire = request.query.retire === 'true';
        const { configuration } = await change({ type: 'DeleteQueue', queue, openCallbacks, retire, precondition, now }, request, reply);
        if (!configuration.queues.has(queue)) return reply.code(204).send();
        const shown = shownSettings(configuration, queue);
        return reply.header('etag', shown.etag).send(shown);
      },
    );
  };
