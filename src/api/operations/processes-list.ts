import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { iso } from '../../clock.ts';
import { byName, namesOn, pageOf } from '../access/page.ts';
import { readsBy } from '../auth/reads.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { showPosition } from '../positions.ts';
import { listHeaders } from '../schemas/headers.ts';
import { modelRow } from './models-schema.ts';

const row = modelRow.pick({ name: true, position: true, lagMs: true, blocked: true, problem: true }).extend({
  waiting: z.int().describe('Entries that aren’t due yet'),
  due: z.int().describe('Entries that are due, and that nobody does yet'),
  claimed: z.int().describe('Entries that are being done'),
  parked: z.int().describe('Entries that wait for an operator'),
  oldestDue: z.iso.datetime().nullable().describe('When the one that is due longest became so'),
});

/** GET /operations/processes: what each process owes, by the settings of now (9.5). */
export const listProcesses =
  ({ owed, processNames, modelWork, readModels }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/operations/processes',
      {
        config: { permission: { user: ['operations', 'R'] } },
        schema: {
          tags: ['operations'],
          operationId: 'listProcesses',
          summary: 'What processes owe: how many entries wait, are due, are being done and are parked',
          security: [{ token: [] }],
          headers: listHeaders,
          querystring: byName,
          response: { 200: pageOf(row), ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request, reply) => {
        const { names, next, total } = namesOn(processNames, request.query);
        await showPosition(reply, readModels, request.headers['x-position']);
        const models = new Map((await modelWork.list()).map((model) => [model.name, model]));
        const items = (await owed(names, readsBy(request))).map(({ oldestDue, ...rest }) => {
          const { position, lagMs = null, blocked = 0, problem = 'being built' } = models.get(rest.name) ?? {};
          const standing = { position: position?.toString() ?? null, lagMs, blocked, problem };
          return { ...rest, ...standing, oldestDue: oldestDue === null ? null : iso(oldestDue) };
        });
        return { items, next, total };
      },
    );
  };
