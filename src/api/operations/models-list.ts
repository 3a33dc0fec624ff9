import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { modelBody, modelRow, runBody, taskRun } from './models-schema.ts';

/** GET /operations/projections: every read model and every process's to-do list, and the task that was begun last (9.5). */
export const listModels =
  ({ modelWork }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/operations/projections',
      {
        config: { permission: { user: ['operations', 'R'] } },
        schema: {
          tags: ['operations'],
          operationId: 'listProjections',
          summary: 'How far read models and processes are, what is blocked in them, and what is being done about it',
          security: [{ token: [] }],
          response: {
            200: z.object({
              items: z.array(modelRow),
              task: taskRun.nullable().describe('The last that was begun through this node’s API'),
            }),
            ...failures(400, 401, 403, 500, 503),
          },
        },
      },
      async () => {
        const last = modelWork.last();
        return { items: (await modelWork.list()).map(modelBody), task: last === undefined ? null : runBody(last) };
      },
    );
  };
