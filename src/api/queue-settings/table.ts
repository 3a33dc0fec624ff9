import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { tableEtag } from '../../domain/configuration/table-etag.ts';
import { answerImport, FILE_LIMIT, fileOf, importQuery, importResult, takeFiles } from '../configuration-files/import.ts';
import { readTableCsv } from '../configuration-files/read-table-csv.ts';
import { readTableJson } from '../configuration-files/read-table-json.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { guardedHeaders } from '../schemas/headers.ts';

const isCsv = (type: string | undefined): boolean => /^text\/csv\b/i.test(type ?? '');

/** PUT /queue-settings: imports the table (2.5). */
export const importTable =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    takeFiles(app, ['text/csv', 'application/json']);
    app.put(
      '/queue-settings',
      {
        bodyLimit: FILE_LIMIT,
        config: { permission: { user: ['queueSettings', 'W'] } },
        schema: {
          tags: ['queue settings'],
          security: [{ token: [] }],
          operationId: 'importQueueSettings',
          summary: 'Import rows of the table, all or none: text/csv, or JSON as the list answers it',
          consumes: ['text/csv', 'application/json'],
          querystring: importQuery,
          headers: guardedHeaders,
          body: z.unknown().describe('The file; rows that it doesn’t name stay, unless it is to replace the table'),
          response: { 200: importResult, ...failures(400, 401, 403, 412, 413, 415, 428, 500, 503) },
        },
      },
      async (request, reply) => {
        const body = fileOf(request.body);
        const file = isCsv(request.headers['content-type']) ? await readTableCsv(body) : readTableJson(body);
        return answerImport(deps, request, reply, file, { query: request.query, headers: request.headers, etag: tableEtag });
      },
    );
  };
