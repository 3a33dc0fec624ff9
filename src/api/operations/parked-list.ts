import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readsBy } from '../auth/reads.ts';
import type { ApiDeps, ParkedRow } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { showPosition } from '../positions.ts';
import { listHeaders } from '../schemas/headers.ts';
import { text } from '../schemas/text.ts';

const MOST = 250;
const row = z.object({
  process: z.string().describe('The process that owes it'),
  instance: z.string().describe('What it is about: mostly a callback’s id'),
  entry: z.string(),
  cause: z.string().describe('Id of the event that made it what it is'),
  group: z.string(),
  tries: z.int(),
  parkedAt: z.iso.datetime(),
  lastError: z.string().nullable().describe('Kind of the last error, without its message'),
});
const page = z.object({ items: z.array(row), next: z.string().nullable(), total: z.int().describe('On all pages') });
const place = z.strictObject({ parkedAt: z.iso.datetime({ precision: 3 }), process: text(200), instance: text(200), entry: text(200) });
export type ParkedPlace = z.output<typeof place>;

const writeCursor = ({ parkedAt, process, instance, entry }: ParkedRow): string =>
  Buffer.from(JSON.stringify({ parkedAt, process, instance, entry })).toString('base64url');

const readCursor = (cursor: string | undefined): ParkedPlace | undefined => {
  if (cursor === undefined) return undefined;
  try {
    return place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw new Failure('INVALID_FIELDS', { errors: [{ path: 'cursor', message: 'must be the next of a page' }] });
  }
};

/** GET /operations/parked: what processes owe and couldn't do in all their tries, the longest parked first (9.5). */
export const listParked =
  ({ parked, readModels }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/operations/parked',
      {
        config: { permission: { user: ['operations', 'R'] } },
        schema: {
          tags: ['operations'],
          operationId: 'listParked',
          summary: 'What processes owe and could not do in all their tries, the longest parked first',
          security: [{ token: [] }],
          headers: listHeaders,
          querystring: z.strictObject({
            limit: z.coerce.number().int().min(1).max(MOST).default(MOST),
            cursor: text(2_000).optional(),
            sort: z.enum(['parkedAt']).default('parkedAt'),
          }),
          response: { 200: page, ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request, reply) => {
        const { query, headers } = request;
        const { limit, cursor } = query;
        const after = readCursor(cursor);
        await showPosition(reply, readModels, headers['x-position']);
        const { rows, total } = await parked.list(limit + 1, after, readsBy(request));
        const items = rows.slice(0, limit);
        const last = items.at(-1);
        return { items, next: rows.length > limit && last !== undefined ? writeCursor(last) : null, total };
      },
    );
  };
