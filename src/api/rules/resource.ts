import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { iso } from '../../clock.ts';
import { decideOnConfiguration } from '../../commands/configure.ts';
import { deleteRule, putRule } from '../../domain/configuration/rule-decider.ts';
import type { RuleKind, RuleOf } from '../../domain/configuration/rule-state.ts';
import { ruleName } from '../../domain/rules/rule-name.ts';
import type { PermissionRow } from '../auth/permissions.ts';
import { readsBy } from '../auth/reads.ts';
import { carryOut, preconditionOf, sendPut } from '../configuring.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { showLivePosition } from '../positions.ts';
import { guardedHeaders, listHeaders } from '../schemas/headers.ts';
import { deletionFailure, ruleFailure } from './failures.ts';
import { type ShownRule, shapes, shownRule } from './rows.ts';

/** One kind of rules as a resource. `body` is what PUT takes; `noun` ends operation ids; `called` is how texts call one. */
export type RuleResource<K extends RuleKind> = {
  readonly kind: K;
  readonly body: z.ZodType<RuleOf[K]>;
  readonly permission: PermissionRow;
  readonly noun: string;
  readonly called: string;
};

export const described = { tags: ['rules'], security: [{ token: [] }] };
export const ruleParams = z.object({ name: ruleName });

/** GET /rules/{kind}, and GET, PUT and DELETE of one of them (4). */
export const ruleResource =
  <K extends RuleKind>(deps: ApiDeps, { kind, body, permission, noun, called }: RuleResource<K>): FastifyPluginAsyncZod =>
  async (app) => {
    const { commands } = deps;
    const shape: z.ZodType<ShownRule> = shapes[kind];
    const shownTo = (request: FastifyRequest, configuration = commands.configuration()) => ({
      ...{ configuration, knownRegions: deps.knownRegions(), reads: readsBy(request) },
    });
    const config = (level: 'R' | 'W') => ({ permission: { user: [permission, level] } }) as const;

    app.get(
      `/rules/${kind}`,
      {
        config: config('R'),
        schema: {
          ...described,
          operationId: `list${noun}s`,
          summary: `Every ${called} rule, by name`,
          headers: listHeaders,
          response: { 200: z.object({ items: z.array(shape), next: z.null(), total: z.int() }), ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request, reply) => {
        await showLivePosition(reply, deps, request.headers['x-position']);
        const shown = shownTo(request);
        const names = [...shown.configuration.rules.named[kind].keys()].sort();
        const items = names.map((name) => shownRule(shown, kind, name));
        return reply.send({ items, next: null, total: items.length });
      },
    );
    app.get(
      `/rules/${kind}/:name`,
      {
        config: config('R'),
        schema: {
          ...described,
          operationId: `get${noun}`,
          summary: `One ${called} rule`,
          params: ruleParams,
          response: { 200: shape, ...failures(400, 401, 403, 404, 500, 503) },
        },
      },
      async (request, reply) => {
        const shown = shownRule(shownTo(request), kind, request.params.name);
        return reply.header('etag', shown.etag).send(shown);
      },
    );
    app.put(
      `/rules/${kind}/:name`,
      {
        config: config('W'),
        schema: {
          ...described,
          operationId: `put${noun}`,
          summary: `Make a ${called} rule, or replace what it says`,
          params: ruleParams,
          headers: guardedHeaders,
          body,
          response: { 200: shape, 201: shape, ...failures(400, 401, 403, 412, 428, 500, 503) },
        },
      },
      async (request, reply) => {
        const { name } = request.params;
        const rule = request.body as RuleOf[K]; // what `body` made of it
        const edit = { name, precondition: preconditionOf(request.headers), now: iso(commands.clock.now()) };
        const { configuration, changed } = await carryOut(
          ...([deps, request, reply] as const),
          (context) =>
            decideOnConfiguration(commands.store, (state) => putRule(kind, rule, edit, state), context, commands.configurationSoFar),
          ruleFailure,
        );
        return sendPut(reply, shownRule(shownTo(request, configuration), kind, name), changed, edit.precondition);
      },
    );
    app.delete(
      `/rules/${kind}/:name`,
      {
        config: config('W'),
        schema: {
          ...described,
          operationId: `delete${noun}`,
          summary: `Delete a ${called} rule that no queue has`,
          params: ruleParams,
          headers: guardedHeaders,
          response: { 204: z.undefined(), ...failures(400, 401, 403, 404, 409, 412, 428, 500, 503) },
        },
      },
      async (request, reply) => {
        const edit = { name: request.params.name, precondition: preconditionOf(request.headers), now: iso(commands.clock.now()) };
        await carryOut(
          ...([deps, request, reply] as const),
          (context) =>
            decideOnConfiguration(commands.store, (state) => deleteRule(kind, edit, state), context, commands.configurationSoFar),
          deletionFailure(readsBy(request)),
        );
        return reply.code(204).send();
      },
    );
  };
