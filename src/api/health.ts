import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from './deps.ts';
import { failures } from './errors/body.ts';
import { Failure } from './errors/failure.ts';

const tags = ['operations'];
const ok = (status: string) => z.object({ status: z.literal(status) });

/** For orchestrators: whether the process runs, and whether it can do its work. */
export const health =
  ({ notReady }: Pick<ApiDeps, 'notReady'>): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/health/live',
      { schema: { tags, operationId: 'getLiveness', summary: 'The process runs', response: { 200: ok('live') } } },
      async () => ({
        status: 'live' as const,
      }),
    );
    app.get(
      '/health/ready',
      {
        schema: {
          tags,
          operationId: 'getReadiness',
          summary: 'The stores answer and the live views have caught up',
          response: { 200: ok('ready'), ...failures(503) },
        },
      },
      async () => {
        const missing = await notReady();
        if (missing.length === 0) return { status: 'ready' as const };
        throw new Failure('NOT_READY', { errors: missing.map((path) => ({ path, message: 'is not ready' })) });
      },
    );
  };
