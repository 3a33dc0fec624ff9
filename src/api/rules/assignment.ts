import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { iso } from '../../clock.ts';
import { decideOnConfiguration } from '../../commands/configure.ts';
import { mayRead, type Reads } from '../../domain/access/reads.ts';
import { assignmentEtag, assignRules } from '../../domain/configuration/rule-decider.ts';
import { NO_RULES, type RuleKind, type RuleNames, ruleKinds } from '../../domain/configuration/rule-state.ts';
import { type Configuration, DEFAULT_ROW } from '../../domain/configuration/state.ts';
import { refuse } from '../../domain/kit/decider.ts';
import { ruleName } from '../../domain/rules/rule-name.ts';
import { principalOf } from '../auth/authenticate.ts';
import { isPermitted, type PermissionRow } from '../auth/permissions.ts';
import { readsBy } from '../auth/reads.ts';
import { carryOut, preconditionOf } from '../configuring.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { guardedHeaders } from '../schemas/headers.ts';
import { queueName } from '../schemas/text.ts';
import { ruleFailure } from './failures.ts';
import { described } from './resource.ts';

const permissions: Readonly<Record<RuleKind, PermissionRow>> = {
  numbers: 'numberRules',
  capacity: 'capacityRules',
  regions: 'regionRules',
};

const assignment = z
  .object({
    ...{ queue: z.string(), numbers: z.string().nullable(), capacity: z.string().nullable(), regions: z.string().nullable() },
    updatedAt: z.string().nullable().describe('Null where none was ever assigned'),
    updatedBy: z.string().nullable(),
    etag: z.string(),
  })
  .meta({ id: 'RulesOfQueue' });

const name = ruleName.nullable().describe('The name of a rule; null takes it away; left out, all stays as it is').optional();

/** What a queue has assigned; throws QUEUE_NOT_FOUND for one that isn't there for the asker, or takes none. */
const shownAssignment = (configuration: Configuration, queue: string, reads: Reads): z.output<typeof assignment> => {
  if (queue === DEFAULT_ROW || !configuration.queues.has(queue) || !mayRead(reads, queue)) throw new Failure('QUEUE_NOT_FOUND');
  const row = configuration.rules.assigned.get(queue);
  const { numbers, capacity, regions } = row ?? NO_RULES;
  const changed = { updatedAt: row?.updatedAt ?? null, updatedBy: row?.updatedBy ?? null };
  return { queue, numbers, capacity, regions, ...changed, etag: assignmentEtag(configuration, queue) };
};

/** Assigning takes the right of each kind that is named (4, 8.1). */
const needRights = (request: FastifyRequest, names: Partial<RuleNames>): void => {
  const principal = principalOf(request);
  for (const kind of ruleKinds) {
    if (names[kind] === undefined || isPermitted(principal, { user: [permissions[kind], 'W'] })) continue;
    throw new Failure('RIGHT_MISSING', { errors: [{ path: kind, message: 'needs the right to change rules of this kind' }] });
  }
};

/** GET and PUT /queues/{queue}/rules: at most one rule of each kind (4). */
export const rulesOfQueues =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const { commands } = deps;
    app.get(
      '/queues/:queue/rules',
      {
        config: { permission: { user: ['tools', 'R'] } },
        schema: {
          ...described,
          operationId: 'getRulesOfQueue',
          summary: 'The number, capacity and region rule of a queue',
          params: z.object({ queue: queueName }),
          response: { 200: assignment, ...failures(400, 401, 403, 404, 500, 503) },
        },
      },
      async (request, reply) => {
        const shown = shownAssignment(commands.configuration(), request.params.queue, readsBy(request));
        return reply.header('etag', shown.etag).send(shown);
      },
    );
    app.put(
      '/queues/:queue/rules',
      {
        config: { permission: { user: ['numberRules', 'W'] } }, // whoever may assign any kind may assign this one; the others are looked at below
        schema: {
          ...described,
          operationId: 'putRulesOfQueue',
          summary: 'Assign rules to a queue, or take them away',
          params: z.object({ queue: queueName }),
          headers: guardedHeaders,
          body: z.strictObject({ numbers: name, capacity: name, regions: name }),
          response: { 200: assignment, ...failures(400, 401, 403, 404, 412, 500, 503) },
        },
      },
      async (request, reply) => {
        const { queue } = request.params;
        const { numbers, capacity, regions } = request.body;
        const names: Partial<RuleNames> = {
          ...(numbers === undefined ? {} : { numbers }),
          ...(capacity === undefined ? {} : { capacity }),
          ...(regions === undefined ? {} : { regions }),
        };
        needRights(request, names);
        const reads = readsBy(request);
        const wish = { queue, names, precondition: preconditionOf(request.headers), now: iso(commands.clock.now()) };
        const { configuration } = await carryOut(
          ...([deps, request, reply] as const),
          (context) =>
            decideOnConfiguration(
              commands.store,
              (state) => (mayRead(reads, queue) ? assignRules(wish, state) : refuse({ code: 'UNKNOWN_QUEUE' as const })),
              context,
              commands.configurationSoFar,
            ),
          ruleFailure,
        );
        const shown = shownAssignment(configuration, queue, reads);
        return reply.header('etag', shown.etag).send(shown);
      },
    );
  };
