import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { iso } from '../../clock.ts';
import { type Reported, reportAttempt, reportFailure } from '../../commands/report.ts';
import { failingOutcomes, parseAttemptId } from '../../domain/callback/events.ts';
import { columnDefaults } from '../../domain/configuration/columns.ts';
import { settingsOf } from '../../domain/configuration/state.ts';
import { contextOf } from '../context.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { callbackFailure } from '../errors/refusals.ts';
import { tellPosition } from '../positions.ts';
import { changeHeaders } from '../schemas/headers.ts';
import { instant } from '../schemas/instant.ts';
import { isCallbackId, name } from '../schemas/text.ts';

const at = instant.optional().describe('When it happened');
const outcome = z.strictObject({ outcome: z.enum(['ANSWERED', ...failingOutcomes]), at });
const connected = z.strictObject({ agentId: name(128), at });
const ended = z.strictObject({ by: z.enum(['AGENT', 'CUSTOMER']), at });
const withdrawn = z.strictObject({ at }).default({});

const route = <B extends z.ZodType>(operationId: string, summary: string, body: B) => ({
  config: { permission: { client: 'connector' } } as const,
  schema: {
    tags: ['contact center'],
    operationId,
    summary,
    security: [{ token: [] }, { apiKey: [] }],
    headers: changeHeaders,
    params: z.object({ id: z.string().describe('Id of the attempt, as it was placed') }),
    body,
    response: { 200: z.object({ attemptId: z.string() }), ...failures(400, 401, 403, 404, 500, 503) },
  },
});

/** POST /attempts/{id}/…: what became of an attempt (7.4). A repeat changes nothing, and one that comes early implies those before it. */
export const reportAttempts =
  ({ commands }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const { store, clock, configuration, newId } = commands;

    /** Attempts are counted against the queue's limit of today (1.14). */
    const maxDialAttempts = (queue: string): number => (settingsOf(configuration(), queue) ?? columnDefaults).maxDialAttempts;

    /** What every report carries; throws ATTEMPT_NOT_FOUND for an id that can't be an attempt's. */
    const common = (attemptId: string, ms: number | undefined) => {
      const named = parseAttemptId(attemptId);
      if (named === undefined || !isCallbackId(named.callbackId)) throw new Failure('ATTEMPT_NOT_FOUND');
      return { attemptId, reportedAt: ms === undefined ? null : iso(ms), now: iso(clock.now()) };
    };
    const answer = (reply: FastifyReply, attemptId: string, reported: Reported) => {
      if (!reported.ok) throw callbackFailure(reported.refusal);
      tellPosition(reply, reported.position);
      return { attemptId };
    };
    const context = (request: FastifyRequest) => contextOf(request, newId);

    app.post(
      '/attempts/:id/outcome',
      route('reportAttemptOutcome', 'How an attempt ended, or that it was answered', outcome),
      async (request, reply) => {
        const { params, body } = request;
        const report = common(params.id, body.at);
        const reported =
          body.outcome === 'ANSWERED'
            ? await reportAttempt(store, { type: 'ReportAnswered', ...report }, context(request))
            : await reportFailure(store, { ...report, outcome: body.outcome }, maxDialAttempts, context(request));
        return answer(reply, params.id, reported);
      },
    );
    app.post(
      '/attempts/:id/connected',
      route('reportAttemptConnected', 'An agent has the customer on the line', connected),
      async (request, reply) => {
        const { params, body } = request;
        const command = { type: 'ReportConnected', agentId: body.agentId, ...common(params.id, body.at) } as const;
        return answer(reply, params.id, await reportAttempt(store, command, context(request)));
      },
    );
    app.post('/attempts/:id/ended', route('reportAttemptEnded', 'The call is over', ended), async (request, reply) => {
      const { params, body } = request;
      const command = { type: 'ReportEnded', by: body.by, ...common(params.id, body.at) } as const;
      return answer(reply, params.id, await reportAttempt(store, command, context(request)));
    });
    app.post(
      '/attempts/:id/withdrawn',
      route('reportAttemptWithdrawn', 'An attempt was withdrawn as asked', withdrawn),
      async (request, reply) => {
        const { params, body } = request;
        const command = { type: 'ReportWithdrawn', ...common(params.id, body.at) } as const;
        return answer(reply, params.id, await reportAttempt(store, command, context(request)));
      },
    );
  };
