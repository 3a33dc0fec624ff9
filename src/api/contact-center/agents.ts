import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { agentReport, MOST_AGENTS } from '../../live/agent-report.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { answerTo } from './report-bounds.ts';

const BODY_LIMIT = 16 * 1024 * 1024;

/** PUT /agents: what the contact center says of its agents. No event: it is its truth, and is told again and again. */
export const reportAgents =
  ({ reportAgents: report }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.put(
      '/agents',
      {
        bodyLimit: BODY_LIMIT,
        config: { permission: { client: 'connector' } },
        schema: {
          tags: ['contact center'],
          operationId: 'reportAgents',
          summary: 'Agents, all of a source or those that changed',
          security: [{ token: [] }, { apiKey: [] }],
          body: agentReport,
          response: { 200: z.object({ source: z.string(), sequence: z.int() }), ...failures(400, 401, 403, 409, 413, 500, 503) },
        },
      },
      async ({ body }) => answerTo(await report(body), body, MOST_AGENTS, 'agents'),
    );
  };
