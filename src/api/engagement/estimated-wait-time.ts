import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type EstimatedWait, estimateWait, waitModes } from '../../domain/waits/estimated-wait.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { envelope, successful } from '../schemas/envelope.ts';
import { queueName } from '../schemas/text.ts';
import { refuseUnknownService } from './known-service.ts';

const MOST_QUEUES = 500;

const names = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => [value].flat().flatMap((list) => list.split(',').map((name) => name.trim())))
  .pipe(z.array(queueName).min(1).max(MOST_QUEUES))
  .optional();
const flag = z.enum(['true', 'false']).optional();

/** Clients send the names with hyphens; their documentation has the others. */
const query = z
  .object({
    'virtual-queues': names.describe('Names of the queues, with commas between'),
    virtualQueues: names.describe('The same'),
    mode: z.enum(waitModes).default('mode2').describe('mode1: by the flow; mode2: by the flow and the agents; mode3: by its own window'),
    'include-calls-on-hold': flag.describe('Whether those who wait on the line count beside callbacks; true by default'),
    includeCallsOnHold: flag.describe('The same'),
  })
  .check(({ value, issues }) => {
    if (value['virtual-queues'] === undefined && value.virtualQueues === undefined)
      issues.push({ code: 'custom', path: ['virtual-queues'], message: 'must name at least one queue', input: value });
  });

const wait = z.object({
  virtualQueue: z.string(),
  estimatedWaitTime: z.number().describe('Seconds; −1 while it is unknown'),
  message: z.string().optional().describe('Why it is unknown'),
  resultCode: z.int().describe('0 known, −1 no interactions yet, −2 nobody is logged in'),
});

const unknown = {
  NO_INTERACTIONS: { resultCode: -1, message: 'Too few interactions have left the queue yet to estimate its wait.' },
  NOBODY_LOGGED_IN: { resultCode: -2, message: 'No agent of the queue is logged in.' },
} as const;

const shown = (estimated: EstimatedWait) =>
  'seconds' in estimated
    ? { estimatedWaitTime: estimated.seconds, resultCode: 0 }
    : { estimatedWaitTime: -1, ...unknown[estimated.unknown] };

/** GET /estimated-wait-time: the waits of queues, in the order that they are asked for in (3.5). */
export const estimatedWaitTime =
  ({ commands, queueFacts }: Pick<ApiDeps, 'commands' | 'queueFacts'>): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/estimated-wait-time',
      {
        config: { permission: { client: 'callbacks' } },
        schema: {
          tags: ['contract'],
          operationId: 'queryEstimatedWaitTime',
          summary: 'How long one waits in queues now',
          security: [{ apiKey: [] }],
          querystring: query,
          response: { 200: envelope(z.array(wait)), ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request) => {
        const { query: asked } = request;
        const parameter = asked['virtual-queues'] === undefined ? 'virtualQueues' : 'virtual-queues';
        const withCallers = (asked['include-calls-on-hold'] ?? asked.includeCallsOnHold) !== 'false';
        const configuration = commands.configuration();
        const now = commands.clock.now();
        const waits = (asked[parameter] ?? []).map((virtualQueue, index) => {
          refuseUnknownService(configuration, virtualQueue, `${parameter}[${index}]`);
          const facts = queueFacts.wait(virtualQueue, withCallers);
          return { virtualQueue, ...shown(estimateWait(asked.mode, facts, now)) };
        });
        return successful(request.id, waits);
      },
    );
  };
