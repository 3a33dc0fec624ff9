import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { rights } from '../../domain/access/events.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { showLivePosition } from '../positions.ts';
import { listHeaders } from '../schemas/headers.ts';

const LONGEST_KEY = 1_000;
const config = { permission: { user: ['developer', 'R'] } } as const;

/** POST /api-keys/validate and GET /cors-origins (8.3). */
export const developerTools =
  ({ access, commands, liveWaitFor }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const { keys, clock } = commands;
    const described = { tags: ['access'], security: [{ token: [] }] };
    app.post(
      '/api-keys/validate',
      {
        config,
        schema: {
          ...described,
          operationId: 'validateApiKey',
          summary: 'Whether an API key is valid, and nothing else about it',
          body: z.strictObject({ key: z.string().max(LONGEST_KEY) }),
          response: { 200: z.object({ valid: z.boolean() }), ...failures(400, 401, 403, 500, 503) },
        },
      },
      // the same keyed hash and look-up, whatever the key is
      async ({ body }) => ({ valid: access.principalOf(keys.hash('credential', body.key), clock.now())?.kind === 'client' }),
    );
    app.get(
      '/cors-origins',
      {
        config,
        schema: {
          ...described,
          operationId: 'listCorsOrigins',
          summary: 'The origins that any API key in force allows',
          headers: listHeaders,
          response: { 200: z.object({ items: z.array(z.string()), next: z.null(), total: z.int() }), ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request, reply) => {
        await showLivePosition(reply, { liveWaitFor }, request.headers['x-position']);
        const items = [...access.origins(clock.now(), rights)].sort();
        return { items, next: null, total: items.length };
      },
    );
  };
