import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { queueStatus } from '../../domain/offers/queue-status.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { envelope, successful } from '../schemas/envelope.ts';
import { queueName } from '../schemas/text.ts';
import { refuseUnknownService } from './known-service.ts';

const status = z.object({
  ewt: z.number().describe('Seconds. −1 with an offer of immediate callbacks: no interactions yet; −1 without: nobody is logged in'),
  offerImmediateCallback: z.boolean().describe('Immediate callbacks are enabled, and one booked now is forecast to be made in time'),
  offerScheduledCallback: z.boolean(),
});

/** GET /callbacks/queue-status/{queue-name}: what can be offered now (3.4). */
export const queueStatusByContract =
  ({ commands, queueFacts }: Pick<ApiDeps, 'commands' | 'queueFacts'>): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/callbacks/queue-status/:queueName',
      {
        config: { permission: { client: 'callbacks' } },
        schema: {
          tags: ['contract'],
          operationId: 'queryQueueStatus',
          summary: 'Whether a queue is ready for callbacks',
          security: [{ apiKey: [] }],
          params: z.object({ queueName }),
          response: { 200: envelope(status), ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request) => {
        const { queueName: queue } = request.params;
        const configuration = commands.configuration();
        refuseUnknownService(configuration, queue, 'queueName');
        const found = queueStatus(configuration, queue, queueFacts.wait(queue), commands.clock.now());
        if (found === undefined) throw new Error('a queue that is there has no settings');
        return successful(request.id, { ...found, ewt: found.ewt ?? -1 });
      },
    );
  };
