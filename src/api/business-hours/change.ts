import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { iso } from '../../clock.ts';
import { decideOnConfiguration } from '../../commands/configure.ts';
import { type BusinessHoursCommand, decideBusinessHours } from '../../domain/configuration/business-hours.ts';
import { writtenHours } from '../../domain/configuration/business-hours-schema.ts';
import { businessHours } from '../../domain/configuration/events.ts';
import { readsBy } from '../auth/reads.ts';
import { carryOut, preconditionOf, sendPut } from '../configuring.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { guardedHeaders } from '../schemas/headers.ts';
import { businessHoursFailure } from './failure.ts';
import { params, shownBusinessHours, shownHours } from './row.ts';

const config = { permission: { user: ['queueSettings', 'W'] } } as const;
const described = { tags: ['business hours'], security: [{ token: [] }], params, headers: guardedHeaders };

/** PUT and DELETE /business-hours/{name}; both answer when this node's own view shows the change. */
export const changeBusinessHours =
  (deps: Pick<ApiDeps, 'commands' | 'liveWaitFor'>): FastifyPluginAsyncZod =>
  async (app) => {
    const { store, clock, configurationSoFar } = deps.commands;
    const change = (command: BusinessHoursCommand, request: FastifyRequest, reply: FastifyReply) =>
      carryOut(
        deps,
        request,
        reply,
        (context) =>
          decideOnConfiguration(store, (configuration) => decideBusinessHours(command, configuration), context, configurationSoFar),
        businessHoursFailure(readsBy(request)),
      );

    app.put(
      '/business-hours/:name',
      {
        config,
        schema: {
          ...described,
          operationId: 'putBusinessHours',
          summary: 'Make business hours, or replace them as a whole: a day left out is closed',
          body: writtenHours,
          response: { 200: shownBusinessHours, 201: shownBusinessHours, ...failures(400, 401, 403, 412, 428, 500, 503) },
        },
      },
      async (request, reply) => {
        const { name } = request.params;
        const precondition = preconditionOf(request.headers);
        const hours = businessHours.parse(request.body);
        const command = { type: 'PutBusinessHours', name, hours, precondition, now: iso(clock.now()) } as const;
        const { configuration, changed } = await change(command, request, reply);
        return sendPut(reply, shownHours(configuration, name), changed, precondition);
      },
    );
    app.delete(
      '/business-hours/:name',
      {
        config,
        schema: {
          ...described,
          operationId: 'deleteBusinessHours',
          summary: 'Delete business hours that no row of settings names',
          response: { 204: z.undefined(), ...failures(400, 401, 403, 404, 409, 412, 428, 500, 503) },
        },
      },
      async (request, reply) => {
        const { name } = request.params;
        const precondition = preconditionOf(request.headers);
        await change({ type: 'DeleteBusinessHours', name, precondition, now: iso(clock.now()) }, request, reply);
        return reply.code(204).send();
      },
    );
  };
