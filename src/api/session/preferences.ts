import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { principalOf } from '../auth/authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { guardedHeaders } from '../schemas/headers.ts';
import type { OwnPreferences } from './deps.ts';
import { reach } from './reach.ts';

const KIB = 1024;
const MOST_BYTES = 16 * KIB;

const shown = z.looseObject({ etag: z.string().describe('Of these choices, as in the header') });
const chosen = z
  .record(z.string(), z.unknown())
  .describe('All of one’s choices, by names of one’s own; those before are replaced. An etag among them, as GET answers it, is left out.');

const show = ({ preferences, etag }: OwnPreferences) => ({ ...preferences, etag });
const nothing: OwnPreferences = { preferences: {}, etag: '"0"' };

/** GET and PUT /session/preferences: what a user chose for himself, kept as it comes. */
export const ownPreferences =
  ({ signIn: { preferences } }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const described = { tags: ['session'], security: [{ token: [] }, { session: [] }] };
    app.get(
      '/session/preferences',
      {
        config: { permission: { user: ['ownSession', 'R'] } },
        schema: {
          ...{ ...described, operationId: 'getPreferences', summary: 'One’s own choices' },
          response: { 200: shown, ...failures(401, 403, 500, 503) },
        },
      },
      async (request, reply) => {
        const own = (await reach(preferences.get(principalOf(request).id))) ?? nothing;
        return reply.header('etag', own.etag).send(show(own));
      },
    );
    app.put(
      '/session/preferences',
      {
        config: { permission: { user: ['ownSession', 'W'] } },
        bodyLimit: MOST_BYTES,
        schema: {
          ...{ ...described, operationId: 'putPreferences', summary: 'Keep one’s own choices, 16 KiB of them at most' },
          headers: guardedHeaders,
          body: chosen,
          response: { 200: shown, 201: shown, ...failures(400, 401, 403, 412, 413, 428, 500, 503) },
        },
      },
      async (request, reply) => {
        const { etag: _, ...own } = request.body;
        const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
        const precondition = { ...(ifMatch === undefined ? {} : { ifMatch }), ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }) };
        const done = await reach(preferences.put(principalOf(request).id, own, precondition));
        if (!done.ok) throw new Failure(done.refusal.code);
        return reply
          .code(done.created ? 201 : 200)
          .header('etag', done.saved.etag)
          .send(show(done.saved));
      },
    );
  };
