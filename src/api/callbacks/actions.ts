import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readsBy } from '../auth/reads.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { callbackRow } from '../schemas/callback.ts';
import { changeHeaders } from '../schemas/headers.ts';
import { instant } from '../schemas/instant.ts';
import { callbackId, text } from '../schemas/text.ts';
import { askerOf, mayChange } from './asker.ts';
import { cancel, reschedule } from './change.ts';
import { readCallback, showCallback } from './read.ts';

const params = z.object({ id: callbackId });
const reason = text(200).optional().describe('Why, in words: kept with the change');
const described = { tags: ['callbacks'], security: [{ token: [] }, { apiKey: [] }], headers: changeHeaders, params };

/** POST /callbacks/{id}/cancel and /reschedule, with a token or an API key. */
export const actions =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      '/callbacks/:id/cancel',
      {
        config: { permission: mayChange },
        schema: {
          ...described,
          operationId: 'cancelCallbackById',
          summary: 'Cancel a callback, in any state but PROCESSING and COMPLETED',
          body: z.strictObject({ reason }).default({}),
          response: { 200: callbackRow, ...failures(400, 401, 403, 404, 409, 500, 503) },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        await cancel(deps, request, reply, id, request.body.reason);
        return showCallback(deps, await readCallback(deps, id, readsBy(request)), askerOf(request));
      },
    );
    app.post(
      '/callbacks/:id/reschedule',
      {
        config: { permission: mayChange },
        schema: {
          ...described,
          operationId: 'rescheduleCallback',
          summary: 'Move a SCHEDULED callback to another time, its place with it',
          body: z.strictObject({ desiredTime: instant, alwaysCheckCapacity: z.boolean().default(false), reason }),
          response: { 200: callbackRow, ...failures(400, 401, 403, 404, 409, 429, 500, 503) },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        await reschedule(deps, request, reply, id, request.body);
        return showCallback(deps, await readCallback(deps, id, readsBy(request)), askerOf(request));
      },
    );
  };
