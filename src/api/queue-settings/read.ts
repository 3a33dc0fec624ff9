import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { commandsFor } from '../auth/reads.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { showLivePosition } from '../positions.ts';
import { listHeaders } from '../schemas/headers.ts';
import { queueName } from '../schemas/text.ts';
import { queueSettings, shownSettings } from './row.ts';

const config = { permission: { user: ['queueSettings', 'R'] } } as const;
const described = { tags: ['queue settings'], security: [{ token: [] }] };

/** GET /queue-settings, and one row of it. */
export const readSettings =
  ({ commands, liveWaitFor }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/queue-settings',
      {
        config,
        schema: {
          ...described,
          operationId: 'listQueueSettings',
          summary: 'The settings of every queue, and the default row',
          headers: listHeaders,
          response: {
            200: z.object({ items: z.array(queueSettings), next: z.null(), total: z.int() }),
            ...failures(400, 401, 403, 500, 503),
          },
        },
      },
      async (request, reply) => {
        await showLivePosition(reply, { liveWaitFor }, request.headers['x-position']);
        const configuration = commandsFor(commands, request).configuration();
        const items = [...configuration.queues.keys()].sort().map((queue) => shownSettings(configuration, queue));
        return { items, next: null, total: items.length };
      },
    );
    app.get(
      '/queue-settings/:queue',
      {
        config,
        schema: {
          ...described,
          operationId: 'getQueueSettings',
          summary: 'One row of settings',
          params: z.object({ queue: queueName }),
          response: { 200: queueSettings, ...failures(400, 401, 403, 404, 500, 503) },
        },
      },
      async (request, reply) => {
        const row = shownSettings(commandsFor(commands, request).configuration(), request.params.queue);
        return reply.header('etag', row.etag).send(row);
      },
    );
  };
