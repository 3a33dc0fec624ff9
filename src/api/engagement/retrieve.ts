import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readsBy } from '../auth/reads.ts';
import { readCallback, showCallback } from '../callbacks/read.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { contractCallback } from '../schemas/callback.ts';
import { envelope, successful } from '../schemas/envelope.ts';
import { callbackId } from '../schemas/text.ts';

/** POST /callbacks/retrieve: one callback, folded from its own history, so that it answers while Postgres is away. */
export const retrieve =
  (deps: Pick<ApiDeps, 'commands' | 'waiting' | 'liveWaitFor'>): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      '/callbacks/retrieve',
      {
        config: { permission: { client: 'callbacks' } },
        schema: {
          tags: ['contract'],
          operationId: 'retrieveCallback',
          summary: 'Query a callback by its id',
          security: [{ apiKey: [] }],
          body: z.object({ id: callbackId }),
          response: { 200: envelope(contractCallback), ...failures(400, 401, 403, 404, 500, 503) },
        },
      },
      async (request) => {
        const { id } = request.body;
        const shown = showCallback(deps, await readCallback(deps, id, readsBy(request)), { mayChange: true });
        const { desiredTime, callbackState, callbackReason, phoneNumber, positionInQueue, estimatedWaitTime } = shown;
        return successful(request.id, { id, desiredTime, callbackState, callbackReason, phoneNumber, positionInQueue, estimatedWaitTime });
      },
    );
  };
