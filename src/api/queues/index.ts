import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { namesOn, pageOf } from '../access/page.ts';
import { commandsFor } from '../auth/reads.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { showLivePosition } from '../positions.ts';
import { listHeaders } from '../schemas/headers.ts';
import { queueName, text } from '../schemas/text.ts';
import { openingsAt, queueRow, rowOf } from './row.ts';

const PAGE = 50;
const MOST = 250;
const MOST_CHOSEN = 1_000;

const query = z.strictObject({
  contains: text(128).min(1).optional().describe('Only queues with that in their names, in capitals or not'),
  queue: z
    .preprocess((value) => (value === undefined ? value : [value].flat()), z.array(queueName).min(1).max(MOST_CHOSEN).optional())
    .describe('Only these queues'),
  sort: z.enum(['queue', '-queue']).default('queue'),
  limit: z.coerce.number().int().min(1).max(MOST).default(PAGE),
  cursor: text(2_000).optional().describe('What the page before answered as next'),
});

/** GET /queues: how the queues stand at this moment (2.4); those that the asker doesn't read aren't there. */
export const queueList =
  ({
    commands,
    queueFacts,
    waiting,
    liveWaitFor,
  }: Pick<ApiDeps, 'commands' | 'queueFacts' | 'waiting' | 'liveWaitFor'>): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/queues',
      {
        config: { permission: { user: ['tools', 'R'] } },
        schema: {
          tags: ['queues'],
          operationId: 'listQueues',
          summary: 'Queues, and how they stand now',
          security: [{ token: [] }],
          headers: listHeaders,
          querystring: query,
          response: { 200: pageOf(queueRow), ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request, reply) => {
        const { contains, queue: chosen, sort, limit, cursor } = request.query;
        await showLivePosition(reply, { liveWaitFor }, request.headers['x-position']);
        const configuration = commandsFor(commands, request).configuration();
        const part = contains?.toLowerCase();
        const among = chosen && new Set(chosen);
        const found = [...configuration.queues.keys()].filter(
          (name) => (part === undefined || name.toLowerCase().includes(part)) && (among === undefined || among.has(name)),
        );
        const { names, next, total } = namesOn(found, { limit, cursor, sort: sort === 'queue' ? 'name' : '-name' });
        const openingOf = openingsAt(configuration, commands.clock.now());
        const row = { configuration, openingOf, facts: queueFacts, estimatedWait: waiting.estimatedWait };
        return { items: names.map((name) => rowOf(row, name)), next, total };
      },
    );
  };
