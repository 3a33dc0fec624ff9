import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Configuration } from '../../domain/configuration/state.ts';
import { namesAmong, pageOf } from '../access/page.ts';
import { commandsFor } from '../auth/reads.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { showLivePosition } from '../positions.ts';
import { listHeaders } from '../schemas/headers.ts';
import { queueName, text } from '../schemas/text.ts';
import { sendJson } from '../send-json.ts';
import { queueRow, rowsAsJson } from './row.ts';

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

const ordered = new WeakMap<Configuration['queues'], readonly string[]>();
/** Every name, in order; put in order once for each configuration. */
const namesIn = (queues: Configuration['queues']): readonly string[] => {
  const names = ordered.get(queues) ?? [...queues.keys()].sort();
  ordered.set(queues, names);
  return names;
};

const queuePage = pageOf(queueRow);

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
          response: { 200: queuePage, ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request, reply) => {
        const { contains, queue: chosen, sort, limit, cursor } = request.query;
        await showLivePosition(reply, { liveWaitFor }, request.headers['x-position']);
        const configuration = commandsFor(commands, request).configuration();
        const part = contains?.toLowerCase();
        const among = chosen && new Set(chosen);
        const all = namesIn(configuration.queues);
        const isAsked = (name: string): boolean =>
          (part === undefined || name.toLowerCase().includes(part)) && (among === undefined || among.has(name));
        const found = part === undefined && among === undefined ? all : all.filter(isAsked);
        const { names, next, total } = namesAmong(found, { limit, cursor, descending: sort === '-queue' });
        const now = commands.clock.now();
        const row = rowsAsJson({ configuration, now, counts: queueFacts.counts, estimatedWait: waiting.estimatedWait });
        sendJson(reply, `{"items":[${names.map(row).join(',')}],"next":${JSON.stringify(next)},"total":${total}}`);
        return reply;
      },
    );
  };
