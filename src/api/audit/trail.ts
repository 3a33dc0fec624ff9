import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readsBy } from '../auth/reads.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { sendNdjson, wantsNdjson } from '../ndjson.ts';
import { showPosition, tellPosition } from '../positions.ts';
import { recordRead } from '../record-read.ts';
import { listHeaders } from '../schemas/headers.ts';
import { allEvents, auditEvent, eventsOf } from './trail-events.ts';
import { readTrailCursor, trailQuery, writeTrailCursor } from './trail-query.ts';
import { countTrail, lastIndexed, TRAIL, trailRows } from './trail-rows.ts';

const page = z.object({
  position: z.string().describe('Up to which event all pages go'),
  items: z.array(auditEvent),
  next: z.string().nullable(),
  total: z.int().describe('On all pages'),
});

/** GET /audit: who did what, and how a queue, rule, calendar, group or key came to be as it is (9.4). */
export const auditTrail =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const { readModels, commands } = deps;
    const { db } = readModels;
    const { store } = commands;
    app.get(
      '/audit',
      {
        config: { permission: { user: ['audit', 'R'] } },
        schema: {
          tags: ['audit'],
          operationId: 'listAudit',
          summary: 'Who did what: events by period, actor, type and stream, or the history of one thing',
          description: 'With `accept: application/x-ndjson` all of them, a line each, in one answer that is streamed.',
          security: [{ token: [] }],
          headers: listHeaders,
          querystring: trailQuery,
          response: { 200: page, ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request, reply) => {
        const { query } = request;
        const cursor = readTrailCursor(query);
        if ((await readModels.problem(TRAIL)) !== null) throw new Failure('READ_MODELS_UNAVAILABLE');
        await showPosition(reply, readModels, request.headers['x-position']);
        const until = cursor?.until ?? (await lastIndexed(db)) ?? 0n;
        const which = { query, until, reads: readsBy(request) };
        const total = await countTrail(db, which);
        if (wantsNdjson(request.headers.accept)) {
          const { cursor: _, limit, ...filters } = query;
          await recordRead(deps, request, { kind: 'EXPORT', operation: 'listAudit', callbackId: query.callback, filters, rows: total });
          tellPosition(reply, until);
          return sendNdjson(reply, allEvents({ db, store }, which));
        }
        const rows = await trailRows(db, which, cursor, query.limit + 1);
        const shown = rows.slice(0, query.limit);
        const last = shown.at(-1);
        const next = rows.length > shown.length && last !== undefined ? writeTrailCursor(query, { until, ...last }) : null;
        return { position: until.toString(), items: await eventsOf(store, shown, which), next, total };
      },
    );
  };
