import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { cancel } from '../callbacks/change.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { envelope, successful } from '../schemas/envelope.ts';
import { changeHeaders } from '../schemas/headers.ts';
import { callbackId } from '../schemas/text.ts';

/** POST /callbacks/cancel: cancels in any state but PROCESSING and COMPLETED. */
export const cancelByContract =
  (deps: Pick<ApiDeps, 'commands'>): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      '/callbacks/cancel',
      {
        config: { permission: { client: 'callbacks' } },
        schema: {
          tags: ['contract'],
          operationId: 'cancelCallback',
          summary: 'Cancel a callback',
          security: [{ apiKey: [] }],
          headers: changeHeaders,
          body: z.object({ id: callbackId }),
          response: { 200: envelope(z.object({ id: z.string() })), ...failures(400, 401, 403, 404, 500, 503) },
        },
      },
      async (request, reply) => {
        const { id } = request.body;
        await cancel(deps, request, reply, id);
        return successful(request.id, { id });
      },
    );
  };
