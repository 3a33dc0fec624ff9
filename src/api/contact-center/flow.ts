import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { cutList } from '../../domain/kit/cut-list.ts';
import { type FlowReport, MOST_QUEUES } from '../../live/flow.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure, type FieldError } from '../errors/failure.ts';
import { instant } from '../schemas/instant.ts';
import { queueName } from '../schemas/text.ts';
import { answerTo, eachOnce, reportOf } from './report-bounds.ts';

const BODY_LIMIT = 16 * 1024 * 1024;
/** How far the contact center's clock may be ahead of ours. */
const AHEAD_MS = 60_000;
const MOST_ERRORS = 10;

const caller = z.strictObject({
  enteredAt: instant.describe('When the call came into the queue'),
  priority: z.int().min(0).max(1000).default(0).describe('What its priority is now'),
});
const queueFlow = z.strictObject({
  queue: queueName,
  waiting: cutList(caller, 10_000).default([]).describe('Who waits on the line now'),
  distributedAt: cutList(instant, 1_000)
    .default([])
    .describe('When calls were handed to an agent last; callbacks of this service left out, those told before or not'),
});
export const flowReport = z.strictObject({
  ...reportOf,
  queues: z
    .array(queueFlow)
    .max(MOST_QUEUES)
    .check(eachOnce(({ queue }) => queue, 'queue')),
});

/** Instants that lie ahead would make waits of years, for good. */
const ahead = ({ queues }: FlowReport, now: number): readonly FieldError[] => {
  const late = (at: number): boolean => at > now + AHEAD_MS;
  const message = 'lies ahead of the service’s clock';
  return queues.flatMap(({ waiting, distributedAt }, index) => [
    ...waiting.flatMap(({ enteredAt }, place) =>
      late(enteredAt) ? [{ path: `queues[${index}].waiting[${place}].enteredAt`, message }] : [],
    ),
    ...distributedAt.flatMap((at, place) => (late(at) ? [{ path: `queues[${index}].distributedAt[${place}]`, message }] : [])),
  ]);
};

/** PUT /flow: live calls that wait, and when the last ones left their queue. No event: it is the contact center's truth, told again and again. */
export const reportFlow =
  ({ reportFlow: report, commands }: Pick<ApiDeps, 'reportFlow' | 'commands'>): FastifyPluginAsyncZod =>
  async (app) => {
    app.put(
      '/flow',
      {
        bodyLimit: BODY_LIMIT,
        config: { permission: { client: 'connector' } },
        schema: {
          tags: ['contact center'],
          operationId: 'reportFlow',
          summary: 'Live calls that wait in queues, and when the last left them',
          security: [{ token: [] }, { apiKey: [] }],
          body: flowReport,
          response: { 200: z.object({ source: z.string(), sequence: z.int() }), ...failures(400, 401, 403, 409, 413, 500, 503) },
        },
      },
      async ({ body }) => {
        const errors = ahead(body, commands.clock.now());
        if (errors.length > 0) throw new Failure('INVALID_FIELDS', { errors: errors.slice(0, MOST_ERRORS) });
        return answerTo(await report(body), body, MOST_QUEUES, 'queues');
      },
    );
  };
