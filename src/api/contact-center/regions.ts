import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { regionName } from '../../domain/rules/region-rule.ts';
import { MOST_NODES } from '../../live/regions.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { name } from '../schemas/text.ts';
import { answerTo, eachOnce, reportOf } from './report-bounds.ts';

const node = z.strictObject({ region: regionName, node: name(128), healthy: z.boolean() });
export const regionsReport = z.strictObject({
  ...reportOf,
  nodes: z
    .array(node)
    .max(MOST_NODES)
    .check(eachOnce((one) => JSON.stringify([one.region, one.node]), 'node')),
});

/** PUT /regions: the contact center's nodes and their health (4.3). No event: it is its truth, and is told again and again. */
export const reportRegions =
  ({ reportRegions: report }: Pick<ApiDeps, 'reportRegions'>): FastifyPluginAsyncZod =>
  async (app) => {
    app.put(
      '/regions',
      {
        config: { permission: { client: 'connector' } },
        schema: {
          tags: ['contact center'],
          operationId: 'reportRegions',
          summary: 'Regions and the health of their nodes',
          security: [{ token: [] }, { apiKey: [] }],
          body: regionsReport,
          response: { 200: z.object({ source: z.string(), sequence: z.int() }), ...failures(400, 401, 403, 409, 413, 500, 503) },
        },
      },
      async ({ body }) => answerTo(await report(body), body, MOST_NODES, 'nodes'),
    );
  };
