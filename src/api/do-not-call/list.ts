import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { sql } from 'kysely';
import { z } from 'zod';
import type { DoNotCallRow } from '../../projections/do-not-call.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { LONGEST_WAIT_MS, showPosition } from '../positions.ts';
import { listHeaders } from '../schemas/headers.ts';
import { text } from '../schemas/text.ts';
import { masked } from './masked.ts';

const LIST = 'do_not_call';
const MOST = 250;
const row = z.object({
  id: z.string().describe('Names the entry, as a keyed hash of its number'),
  phoneNumber: z.string().nullable().describe('Most of its digits hidden'),
  addedAt: z.iso.datetime(),
  addedBy: z.string(),
});
const place = z.strictObject({ at: z.iso.datetime({ precision: 3 }), key: text(100) });

const readCursor = (cursor: string | undefined): z.output<typeof place> | undefined => {
  if (cursor === undefined) return undefined;
  try {
    return place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw new Failure('INVALID_FIELDS', { errors: [{ path: 'cursor', message: 'must be the next of a page' }] });
  }
};
const writeCursor = (after: z.output<typeof place>): string => Buffer.from(JSON.stringify(after)).toString('base64url');

/** GET /do-not-call: the numbers that nobody may call, masked (7.5). */
export const listDoNotCall =
  ({
    readModels,
    doNotCall,
    liveWaitFor,
  }: Pick<ApiDeps, 'readModels' | 'liveWaitFor'> & {
    readonly doNotCall: Pick<ApiDeps['doNotCall'], 'size' | 'etag'>;
  }): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/do-not-call',
      {
        config: { permission: { user: ['queueSettings', 'R'] } },
        schema: {
          ...{ tags: ['do not call'], operationId: 'listDoNotCall', summary: 'Numbers that nobody may call, masked' },
          security: [{ token: [] }],
          headers: listHeaders,
          querystring: z.strictObject({
            limit: z.coerce.number().int().min(1).max(MOST).default(MOST),
            cursor: text(2_000).optional(),
            sort: z.enum(['addedAt', '-addedAt']).default('-addedAt'),
          }),
          response: {
            200: z.object({
              items: z.array(row),
              next: z.string().nullable(),
              total: z.int().describe('On all pages'),
              etag: z.string().describe('Of the whole list'),
            }),
            ...failures(400, 401, 403, 500, 503),
          },
        },
      },
      async ({ query: { limit, cursor, sort }, headers }, reply) => {
        const after = readCursor(cursor);
        if ((await readModels.problem(LIST)) !== null) throw new Failure('READ_MODELS_UNAVAILABLE');
        const position = headers['x-position'];
        await showPosition(reply, readModels, position);
        if (position !== undefined) await liveWaitFor(position, LONGEST_WAIT_MS); // on another node than keeps the tables, the count comes by itself
        const table = sql.table(readModels.table(LIST));
        const [beyond, direction] = sort === 'addedAt' ? [sql`>`, sql`asc`] : [sql`<`, sql`desc`];
        const from = after === undefined ? sql`true` : sql`(added_at, key) ${beyond} (${after.at}::timestamptz, ${after.key})`;
        const { rows } = await sql<DoNotCallRow>`
          select key, phone_number, added_by, to_char(added_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as added_at
          from ${table} where ${from} order by ${table}.added_at ${direction}, key ${direction} limit ${limit + 1}`.execute(readModels.db);
        const items = rows.slice(0, limit).map(({ key, phone_number, added_at, added_by }) => ({
          ...{ id: key, addedAt: added_at, addedBy: added_by },
          phoneNumber: phone_number === null ? null : masked(phone_number),
        }));
        const last = items.at(-1);
        const next = rows.length > limit && last !== undefined ? writeCursor({ at: last.addedAt, key: last.id }) : null;
        const etag = doNotCall.etag();
        reply.header('etag', etag);
        return { items, next, total: doNotCall.size(), etag };
      },
    );
  };
