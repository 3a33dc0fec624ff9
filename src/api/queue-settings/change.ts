import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { iso } from '../../clock.ts';
import { configure } from '../../commands/configure.ts';
import { settingsRow } from '../../domain/configuration/columns.ts';
import type { ConfigurationCommand } from '../../domain/configuration/decider.ts';
import type { Precondition } from '../../domain/kit/precondition.ts';
import { readsBy } from '../auth/reads.ts';
import { contextOf } from '../context.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { configurationFailure } from '../errors/refusals.ts';
import { tellPosition } from '../positions.ts';
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

const preconditionOf = (headers: z.output<typeof guardedHeaders>): Precondition => {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  return { ...(ifMatch === undefined ? {} : { ifMatch }), ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }) };
};

/** PUT and DELETE /queue-settings/{queue}; both answer when this node's own view shows the change. */
export const changeSettings =
  ({ commands, waiting, liveWaitFor }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const carryOut = async (command: ConfigurationCommand, request: FastifyRequest) => {
      const done = await configure(commands.store, command, contextOf(request, commands.newId), readsBy(request));
      if (!done.ok) throw configurationFailure(done.refusal);
      if (done.position !== undefined) await liveWaitFor(done.position, LONGEST_WAIT_MS);
      return done;
    };

    app.put(
      '/queue-settings/:queue',
      {
        config,
        schema: {
          ...described,
          operationId: 'putQueueSettings',
          summary: 'Make a queue, or replace its whole row: a column left out or null is inherited',
          body: settingsRow,
          response: { 200: queueSettings, 201: queueSettings, ...failures(400, 401, 403, 412, 428, 500, 503) },
        },
      },
      async (request, reply) => {
        const { queue } = request.params;
        const precondition = preconditionOf(request.headers);
        const settings = ownSettings(request.body);
        const now = iso(commands.clock.now());
        const { configuration, position, changed } = await carryOut(
          { type: 'PutQueueSettings', queue, settings, precondition, now },
          request,
        );
        tellPosition(reply, position);
        const row = shownSettings(configuration, queue);
        const created = changed && precondition.ifMatch === undefined; // an edit without if-match is refused
        return reply
          .code(created ? 201 : 200)
          .header('etag', row.etag)
          .send(row);
      },
    );
    app.delete(
      '/queue-settings/:queue',
      {
        config,
        schema: {
          ...described,
          operationId: 'deleteQueueSettings',
          summary: 'Delete a queue that has no open callbacks',
          response: { 204: z.undefined(), ...failures(400, 401, 403, 404, 409, 412, 428, 500, 503) },
        },
      },
      async (request, reply) => {
        const { queue } = request.params;
        const precondition = preconditionOf(request.headers);
        const last = await commands.store.lastPosition();
        if (last !== undefined) await liveWaitFor(last, LONGEST_WAIT_MS); // what other nodes booked counts, too
        const openCallbacks = waiting.openCallbacks(queue);
        const now = iso(commands.clock.now());
        const { position } = await carryOut({ type: 'DeleteQueue', queue, openCallbacks, precondition, now }, request);
        tellPosition(reply, position);
        return reply.code(204).send();
      },
    );
  };
