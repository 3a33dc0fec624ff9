import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { view } from '../../domain/callback/view.ts';
import { readsBy } from '../auth/reads.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { showPosition } from '../positions.ts';
import { callbackRow } from '../schemas/callback.ts';
import { listHeaders } from '../schemas/headers.ts';
import { askerOf } from './asker.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { listQuery, periodOf } from './list-query.ts';
import { listRows, PROJECTION } from './list-rows.ts';
import { standing } from './read.ts';
import { recordSearch } from './record-search.ts';

const page = z.object({ items: z.array(callbackRow), next: z.string().nullable(), total: z.int().describe('On all pages') });

/** GET /callbacks: callbacks by their desired time (9.1), from the read model. */
export const listCallbacks =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const { readModels, commands } = deps;
    app.get(
      '/callbacks',
      {
        config: { permission: { user: ['callbacks', 'R'] } },
        schema: {
          tags: ['callbacks'],
          operationId: 'listCallbacks',
          summary: 'Callbacks by their desired time',
          security: [{ token: [] }],
          headers: listHeaders,
          querystring: listQuery,
          response: { 200: page, ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request, reply) => {
        const { query } = request;
        const cursor = readCursor(query);
        if ((await readModels.problem(PROJECTION)) !== null) throw new Failure('READ_MODELS_UNAVAILABLE');
        await showPosition(reply, readModels, request.headers['x-position']);
        const now = commands.clock.now();
        const period = cursor?.period ?? periodOf(query, now);
        const { rows, more, total } = await listRows(readModels, query, { period, cursor, reads: readsBy(request) });
        const asker = askerOf(request);
        const configuration = commands.configuration();
        const items = rows.map(({ row }) => view({ ...row, waiting: standing(deps, row.id) }, configuration, now, asker));
        const last = rows.at(-1);
        const next = more && last !== undefined ? writeCursor(query, { period, value: last.sortValue, key: last.row.id }) : null;
        await recordSearch(deps, request, 'listCallbacks', query, items.length);
        return { items, next, total };
      },
    );
  };
