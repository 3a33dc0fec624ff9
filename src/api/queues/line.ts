import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { iso } from '../../clock.ts';
import type { LineRow } from '../../live/line-page.ts';
import { commandsFor } from '../auth/reads.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { showLivePosition } from '../positions.ts';
import { listHeaders } from '../schemas/headers.ts';
import { queueName, text } from '../schemas/text.ts';
import { readLineCursor, writeLineCursor } from './line-cursor.ts';

const PAGE = 50;
const MOST = 250;

const query = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MOST).default(PAGE),
  cursor: text(2_000).optional().describe('What the page before answered as next'),
});

const reasons = [
  'STOPPED',
  'NO_REGION',
  'LIVE_CALLERS_FIRST',
  'PACING',
  'NO_AGENT',
  'OTHERS_FIRST',
  'LOCAL_HOURS',
  'RETRY',
  'ATTEMPT_MAY_BE_LIVE',
] as const;

const lineRow = z
  .object({
    position: z.int().describe('1 for the first; live callers who come before are counted'),
    id: z.string(),
    priority: z.int().describe('As it has grown by now'),
    enteredAt: z.string(),
    attempts: z.int().describe('Attempts begun so far'),
    estimatedWaitTime: z.number().nullable().describe('Seconds; null is unknown'),
    waitsFor: z
      .enum(reasons)
      .nullable()
      .describe(
        'Null: about to be called. STOPPED: by a stop switch; NO_REGION: no region that may be used is healthy; LIVE_CALLERS_FIRST: who takes the agents; PACING: the queue uses its share of ready agents; NO_AGENT: none is ready for it; OTHERS_FIRST: those before it in line; LOCAL_HOURS of the customer; beside the line: RETRY: the delay after a failed attempt, ATTEMPT_MAY_BE_LIVE: the last attempt may still ring',
      ),
    until: z.string().nullable().describe('When that ends by itself, where it is set'),
  })
  .meta({ id: 'LineRow' });

const page = z.object({
  items: z.array(lineRow),
  next: z.string().nullable(),
  total: z.int().describe('All who wait, in line or beside it'),
  inLine: z.int().describe('Those who could be called next'),
});

const shown = ({ callback, position, priority, estimatedWaitSeconds, waitsFor, until }: LineRow): z.output<typeof lineRow> => ({
  ...{ position, id: callback.id, priority, enteredAt: iso(callback.enteredAt), attempts: callback.attempts },
  ...{ estimatedWaitTime: estimatedWaitSeconds, waitsFor, until: until === null ? null : iso(until) },
});

/** GET /queues/{queue}/line: who waits, in order, and for what (9.6); of every node, by what it knows itself. */
export const waitingLine =
  ({ commands, linePage, liveWaitFor }: Pick<ApiDeps, 'commands' | 'linePage' | 'liveWaitFor'>): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/queues/:queue/line',
      {
        config: { permission: { user: ['tools', 'R'] } },
        schema: {
          tags: ['queues'],
          operationId: 'getWaitingLine',
          summary: 'The waiting line of a queue, in order, and what each waits for',
          security: [{ token: [] }],
          params: z.object({ queue: queueName }),
          headers: listHeaders,
          querystring: query,
          response: { 200: page, ...failures(400, 401, 403, 404, 500, 503) },
        },
      },
      async (request, reply) => {
        const { queue } = request.params;
        const { limit, cursor } = request.query;
        const after = cursor === undefined ? undefined : readLineCursor(cursor);
        await showLivePosition(reply, { liveWaitFor }, request.headers['x-position']);
        if (!commandsFor(commands, request).configuration().queues.has(queue)) throw new Failure('QUEUE_NOT_FOUND');
        const { rows, hasMore, total, inLine } = linePage(queue, limit, after);
        const last = rows.at(-1)?.callback;
        return { items: rows.map(shown), next: hasMore && last !== undefined ? writeLineCursor(last) : null, total, inLine };
      },
    );
  };
