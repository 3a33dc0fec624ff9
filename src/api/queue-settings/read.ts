import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { tableEtag } from '../../domain/configuration/table-etag.ts';
import { commandsFor, readsBy } from '../auth/reads.ts';
import { sendCsv } from '../configuration-files/send-csv.ts';
import { tableAsCsv } from '../configuration-files/write-table.ts';
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
          summary: 'The settings of every queue, and the default row: as JSON, or the rows’ own values as text/csv',
          headers: listHeaders.extend({ accept: z.string().max(1000).optional().describe('text/csv for the table as a file') }),
          produces: ['application/json', 'text/csv'],
          response: {
            200: z.object({ items: z.array(queueSettings), next: z.null(), total: z.int() }),
            ...failures(400, 401, 403, 500, 503),
          },
        },
      },
      async (request, reply) => {
        await showLivePosition(reply, { liveWaitFor }, request.headers['x-position']);
        const configuration = commandsFor(commands, request).configuration();
        reply.headers({ etag: tableEtag(configuration, readsBy(request)), vary: 'accept' });
        if (/\btext\/csv\b/i.test(request.headers.accept ?? '')) return sendCsv(reply, 'queue-settings', tableAsCsv(configuration));
        const items = [...configuration.queues.keys()].sort().map((queue) => shownSettings(configuration, queue));
        return reply.send({ items, next: null, total: items.length });
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
