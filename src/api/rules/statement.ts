import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { iso } from '../../clock.ts';
import { decideOnConfiguration } from '../../commands/configure.ts';
import { putStatement, ruleEtag } from '../../domain/configuration/rule-decider.ts';
import type { Configuration } from '../../domain/configuration/state.ts';
import { withDuration } from '../../domain/rules/capacity-duration.ts';
import { type CapacityDuration, capacityStatement, storedCapacityRule } from '../../domain/rules/capacity-rule.ts';
import { carryOut, preconditionOf } from '../configuring.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { guardedHeaders } from '../schemas/headers.ts';
import { ruleFailure } from './failures.ts';
import { described, ruleParams } from './resource.ts';
import { ruleNamed } from './rows.ts';

const statement = storedCapacityRule.pick({ days: true, duration: true }).meta({ id: 'CapacityStatement' });
const durations: Readonly<Record<'60' | '30', CapacityDuration>> = { 60: 60, 30: 30 };

/** A rule's statement, for time slots of another length where one is wanted. The etag is the rule's. */
const shownStatement = (configuration: Configuration, name: string, wanted?: CapacityDuration) => {
  const row = ruleNamed(configuration, 'capacity', name);
  const { days, duration } = wanted === undefined ? row.rule : withDuration(row.rule, wanted);
  return { etag: ruleEtag(row), statement: { days, duration } };
};

/** GET and PUT /rules/capacity/{name}/statement (4.2). It can be put back as it was read, so its etag is a header only. */
export const capacityStatements =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const { commands } = deps;
    app.get(
      '/rules/capacity/:name/statement',
      {
        config: { permission: { user: ['capacityRules', 'R'] } },
        schema: {
          ...described,
          operationId: 'getCapacityStatement',
          summary: 'The JSON statement of a capacity rule, which has no exceptions',
          params: ruleParams,
          querystring: z.strictObject({
            duration: z.enum(['60', '30']).describe('As it would be for time slots of this length, in minutes').optional(),
          }),
          response: { 200: statement, ...failures(400, 401, 403, 404, 500, 503) },
        },
      },
      async ({ params, query }, reply) => {
        const wanted = query.duration && durations[query.duration];
        const shown = shownStatement(commands.configuration(), params.name, wanted);
        return reply.header('etag', shown.etag).send(shown.statement);
      },
    );
    app.put(
      '/rules/capacity/:name/statement',
      {
        config: { permission: { user: ['capacityRules', 'W'] } },
        schema: {
          ...described,
          operationId: 'putCapacityStatement',
          summary: 'Replace all weekly values of a capacity rule, or make one; exceptions stay',
          params: ruleParams,
          headers: guardedHeaders,
          body: capacityStatement,
          response: { 200: statement, 201: statement, ...failures(400, 401, 403, 412, 428, 500, 503) },
        },
      },
      async (request, reply) => {
        const { body } = request;
        const { name } = request.params;
        const precondition = preconditionOf(request.headers);
        const edit = { name, precondition, now: iso(commands.clock.now()) };
        const { configuration, changed } = await carryOut(
          ...([deps, request, reply] as const),
          (context) =>
            decideOnConfiguration(commands.store, (state) => putStatement(body, edit, state), context, commands.configurationSoFar),
          ruleFailure,
        );
        const shown = shownStatement(configuration, name);
        return reply
          .code(changed && precondition.ifMatch === undefined ? 201 : 200)
          .header('etag', shown.etag)
          .send(shown.statement);
      },
    );
  };
