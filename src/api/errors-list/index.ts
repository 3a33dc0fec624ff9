import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readsBy } from '../auth/reads.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { listHeaders } from '../schemas/headers.ts';
import { text } from '../schemas/text.ts';
import { askedFor, errorsQuery, writeCursor } from './query.ts';

const row = z.object({
  correlationId: z.string(),
  at: z.iso.datetime(),
  method: z.string(),
  route: z.string().describe('The route’s pattern; unknown where there was none'),
  parameters: z.array(z.string()).readonly().describe('Names of the query’s parameters'),
  status: z.int().describe('HTTP status'),
  code: z.int().describe('A row of the table of errors'),
  queue: z.string().nullable(),
});
const detail = row.extend({ message: z.string(), cause: z.string().describe('The error’s name, with the fields to blame') });
const page = z.object({ items: z.array(row), next: z.string().nullable(), total: z.int().describe('On all pages') });

const common = { tags: ['errors'], security: [{ token: [] }] };

/** GET /errors and /errors/{corrId}: queries of the API that failed in the last 14 days (8.5). */
export const errorsOfQueries =
  ({ errorsList }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/errors',
      {
        config: { permission: { user: ['developer', 'R'] } },
        schema: {
          ...common,
          operationId: 'listErrors',
          summary: 'Queries that failed in the last 14 days, the latest first',
          headers: listHeaders,
          querystring: errorsQuery,
          response: { 200: page, ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request) => {
        const { query } = request;
        const { rows, total } = await errorsList.list(askedFor(query), readsBy(request));
        const items = rows.slice(0, query.limit);
        const last = items.at(-1);
        return { items, next: rows.length > query.limit && last !== undefined ? writeCursor(query, last) : null, total };
      },
    );
    app.get(
      '/errors/:corrId',
      {
        config: { permission: { user: ['developer', 'R'] } },
        schema: {
          ...common,
          operationId: 'getError',
          summary: 'One failed query by its correlation id, with message and cause',
          params: z.object({ corrId: text(64) }),
          response: { 200: detail, ...failures(400, 401, 403, 404, 500, 503) },
        },
      },
      async (request) => {
        const found = await errorsList.find(request.params.corrId, readsBy(request));
        if (found === undefined) throw new Failure('FAILED_QUERY_NOT_FOUND');
        return found;
      },
    );
  };
