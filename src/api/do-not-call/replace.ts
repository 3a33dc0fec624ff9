import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { listNumbers } from '../../commands/do-not-call.ts';
import { preconditionOf } from '../configuring.ts';
import { contextOf } from '../context.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { LONGEST_WAIT_MS } from '../positions.ts';
import { guardedHeaders } from '../schemas/headers.ts';
import { MOST_ROWS, readNumbers } from './numbers.ts';
import { telling } from './telling.ts';

/** A list of a million numbers. */
const FILE_LIMIT = 32 * 1024 * 1024;

/** PUT /do-not-call: the whole list anew (7.5), as JSON or CSV; as it was read where the asker names its etag. */
export const replaceDoNotCall =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const { commands, doNotCall, liveWaitFor, readModels } = deps;
    const tell = telling(deps);
    // processes rest while their lists are behind the log, and a million entries would keep them so for minutes
    const followed = (position: bigint) => readModels.waitFor(position, LONGEST_WAIT_MS).catch(() => false);
    app.addContentTypeParser('text/csv', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) => body);
    app.addContentTypeParser('*', async () => {
      throw new Failure('UNSUPPORTED_FILE_TYPE', { values: { types: 'application/json or text/csv' } });
    });
    app.put(
      '/do-not-call',
      {
        config: { permission: { user: ['queueSettings', 'W'] } },
        bodyLimit: FILE_LIMIT,
        schema: {
          tags: ['do not call'],
          operationId: 'replaceDoNotCall',
          summary: 'Make these all the numbers that nobody may call: a JSON list, or text/csv with them in its first column',
          security: [{ token: [] }],
          headers: guardedHeaders,
          consumes: ['application/json', 'text/csv'],
          body: z.union([z.array(z.unknown()).max(MOST_ROWS), z.instanceof(Buffer)]).meta({ type: 'array', items: { type: 'string' } }),
          response: {
            200: z.object({ total: z.int(), added: z.int(), removed: z.int() }),
            ...failures(400, 401, 403, 412, 413, 415, 500, 503),
          },
        },
      },
      async (request, reply) => {
        const numbers = await readNumbers(request.body);
        const last = await commands.store.lastPosition();
        if (last !== undefined && !(await liveWaitFor(last, LONGEST_WAIT_MS))) throw new Failure('NOT_READY');
        const { ifMatch = '*', ifNoneMatch } = preconditionOf(request.headers);
        const isAsRead = (ifMatch === '*' || ifMatch === doNotCall.etag()) && (ifNoneMatch === undefined || doNotCall.size() === 0);
        if (!isAsRead) throw new Failure('PRECONDITION_FAILED');
        const changed = await listNumbers(
          { ...commands, followed },
          'ReplaceEntries',
          numbers,
          contextOf(request, commands.newId),
          doNotCall.parts(),
        );
        await tell(reply, changed);
        reply.header('etag', doNotCall.etag());
        return { total: numbers.size, added: changed.added, removed: changed.removed };
      },
    );
  };
