import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { showLivePosition } from '../positions.ts';
import { listHeaders } from '../schemas/headers.ts';
import { params, shownBusinessHours, shownHours } from './row.ts';

const config = { permission: { user: ['queueSettings', 'R'] } } as const;
const described = { tags: ['business hours'], security: [{ token: [] }] };

/** GET /business-hours, and one of them. */
export const readBusinessHours =
  ({ commands, liveWaitFor }: Pick<ApiDeps, 'commands' | 'liveWaitFor'>): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/business-hours',
      {
        config,
        schema: {
          ...described,
          operationId: 'listBusinessHours',
          summary: 'All business hours, by name',
          headers: listHeaders,
          response: {
            200: z.object({ items: z.array(shownBusinessHours), next: z.null(), total: z.int() }),
            ...failures(400, 401, 403, 500, 503),
          },
        },
      },
      async (request, reply) => {
        await showLivePosition(reply, { liveWaitFor }, request.headers['x-position']);
        const configuration = commands.configuration();
        const items = [...configuration.businessHours.keys()].sort().map((name) => shownHours(configuration, name));
        return { items, next: null, total: items.length };
      },
    );
    app.get(
      '/business-hours/:name',
      {
        config,
        schema: {
          ...described,
          operationId: 'getBusinessHours',
          summary: 'Business hours of a name',
          params,
          response: { 200: shownBusinessHours, ...failures(400, 401, 403, 404, 500, 503) },
        },
      },
      async (request, reply) => {
        const hours = shownHours(commands.configuration(), request.params.name);
        return reply.header('etag', hours.etag).send(hours);
      },
    );
  };
