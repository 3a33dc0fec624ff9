import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { DeadLetter, DeadLetterPlace } from '../../projections/kit/dead-letters.ts';
import { pageOf } from '../access/page.ts';
import { readsBy } from '../auth/reads.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { showPosition } from '../positions.ts';
import { listHeaders } from '../schemas/headers.ts';
import { text } from '../schemas/text.ts';

const MOST = 250;
const scope = z.enum(['key', 'stream']);
const row = z.object({
  model: z.string().describe('The read model or process'),
  scope: scope.describe('Whether one key of it waits, or all that a stream concerns'),
  key: z.string().describe('That key, or the stream’s name'),
  position: z.string().describe('Of the event that stopped it; those after it wait'),
  eventId: z.string(),
  type: z.string().describe('The event’s type'),
  since: z.iso.datetime(),
  error: z.string().describe('Kind of the error, without its message'),
});
const place = z.strictObject({ position: z.string().regex(/^\d{1,19}$/), model: text(200), scope, id: z.string().max(1_000) });

const writeCursor = ({ position, model, scope, id }: DeadLetterPlace): string =>
  Buffer.from(JSON.stringify({ position: position.toString(), model, scope, id })).toString('base64url');

const readCursor = (cursor: string | undefined): DeadLetterPlace | undefined => {
  if (cursor === undefined) return undefined;
  try {
    const { position, ...rest } = place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    return { ...rest, position: BigInt(position) };
  } catch {
    throw new Failure('INVALID_FIELDS', { errors: [{ path: 'cursor', message: 'must be the next of a page' }] });
  }
};

const body = ({ id: key, position, ...rest }: DeadLetter) => ({ ...rest, key, position: position.toString() });

/** GET /operations/dead-letters: events that couldn't be read or folded, and what waits behind them, in the order of the log (9.5). */
export const listDeadLetters =
  ({ deadLetters, readModels }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/operations/dead-letters',
      {
        config: { permission: { user: ['operations', 'R'] } },
        schema: {
          tags: ['operations'],
          operationId: 'listDeadLetters',
          summary: 'Events that could not be read or folded, and the keys that wait behind them, in the order of the log',
          security: [{ token: [] }],
          headers: listHeaders,
          querystring: z.strictObject({
            limit: z.coerce.number().int().min(1).max(MOST).default(MOST),
            cursor: text(4_000).optional().describe('What the page before answered as next'),
            sort: z.enum(['position']).default('position'),
          }),
          response: { 200: pageOf(row), ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request, reply) => {
        const { limit, cursor } = request.query;
        const after = readCursor(cursor);
        await showPosition(reply, readModels, request.headers['x-position']);
        const { rows, total } = await deadLetters(limit + 1, after, readsBy(request));
        const page = rows.slice(0, limit);
        const last = page.at(-1);
        return { items: page.map(body), next: rows.length > limit && last !== undefined ? writeCursor(last) : null, total };
      },
    );
  };
