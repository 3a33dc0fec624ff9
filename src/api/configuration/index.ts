import type { FastifyPluginAsync } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { configurationDocument } from '../../domain/configuration/document.ts';
import { documentEtag } from '../../domain/configuration/table-etag.ts';
import { commandsFor, readsBy } from '../auth/reads.ts';
import { answerImport, FILE_LIMIT, fileOf, importQuery, importResult, takeFiles } from '../configuration-files/import.ts';
import { readDocument } from '../configuration-files/read-document.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { showLivePosition } from '../positions.ts';
import { guardedHeaders, listHeaders } from '../schemas/headers.ts';

const described = { tags: ['configuration'], security: [{ token: [] }] };

const readConfiguration =
  ({ commands, liveWaitFor }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/configuration',
      {
        config: { permission: { user: ['queueSettings', 'R'] } },
        schema: {
          ...described,
          operationId: 'exportConfiguration',
          summary: 'Business hours, queues, rules and which queue has which, as one document that can be put back',
          headers: listHeaders,
          response: {
            200: z.object({
              businessHours: z.array(z.unknown()),
              queues: z.array(z.unknown()),
              rules: z.object({ numbers: z.array(z.unknown()), capacity: z.array(z.unknown()), regions: z.array(z.unknown()) }),
              assignments: z.array(z.unknown()),
            }),
            ...failures(400, 401, 403, 500, 503),
          },
        },
      },
      async (request, reply) => {
        await showLivePosition(reply, { liveWaitFor }, request.headers['x-position']);
        const configuration = commandsFor(commands, request).configuration();
        const { businessHours, queues, rules, assignments } = configurationDocument(configuration);
        return reply.header('etag', documentEtag(configuration, readsBy(request))).send({
          ...{ businessHours: [...businessHours], queues: [...queues], assignments: [...assignments] },
          rules: { numbers: [...rules.numbers], capacity: [...rules.capacity], regions: [...rules.regions] },
        });
      },
    );
  };

const importDocument =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    takeFiles(app, ['application/json']);
    app.put(
      '/configuration',
      {
        bodyLimit: FILE_LIMIT,
        config: { permission: { user: ['queueSettings', 'W'] } },
        schema: {
          ...described,
          operationId: 'importConfiguration',
          summary: 'Put such a document back, or a part of one, in one step: all or nothing',
          querystring: importQuery,
          headers: guardedHeaders,
          body: z.unknown().describe('The document; a list that it leaves out stays as it is'),
          response: { 200: importResult, ...failures(400, 401, 403, 412, 413, 415, 428, 500, 503) },
        },
      },
      async (request, reply) =>
        answerImport(deps, request, reply, readDocument(fileOf(request.body)), {
          ...{ query: request.query, headers: request.headers, etag: documentEtag },
        }),
    );
  };

/** /api/configuration. */
export const configurationRoutes =
  (deps: ApiDeps): FastifyPluginAsync =>
  async (app) => {
    await app.register(readConfiguration(deps));
    await app.register(importDocument(deps));
  };
