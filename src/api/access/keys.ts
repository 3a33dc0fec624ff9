import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { iso } from '../../clock.ts';
import { defaultLimits, rights } from '../../domain/access/events.ts';
import { accessName, origin } from '../../domain/access/names.ts';
import { readsBy } from '../auth/reads.ts';
import { preconditionOf } from '../configuring.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { showLivePosition } from '../positions.ts';
import { changeHeaders, guardedHeaders, listHeaders } from '../schemas/headers.ts';
import { instant } from '../schemas/instant.ts';
import { name } from '../schemas/text.ts';
import { carryOut } from './change.ts';
import { byName, namesOn, pageOf } from './page.ts';
import { keyShown, shownKey } from './shapes.ts';
import { newSecret } from './tokens.ts';

const MOST_ORIGINS = 100;
const limit = z.int().min(1).max(1_000_000);

const body = z.strictObject({
  name: accessName,
  rights: z.array(z.enum(rights)).min(1).max(rights.length),
  origins: z.array(origin).max(MOST_ORIGINS).default([]).describe('Whose pages may use the key: scheme, host and port'),
  expiresAt: instant.nullish(),
  limits: z
    .strictObject({
      immediatePerNumberPerDay: limit.default(defaultLimits.immediatePerNumberPerDay),
      bookingsPerQueuePerMinute: limit.default(defaultLimits.bookingsPerQueuePerMinute),
    })
    .default(defaultLimits),
});
const listed = shownKey.extend({ lastUsedAt: z.string().nullable().describe('Null for never, and while that can’t be looked up') });

/** GET and POST /api-keys, and DELETE of one (8.3). */
export const apiKeys =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const { access, commands, liveWaitFor, keyUses } = deps;
    const { keys, clock, newId } = commands;
    const described = { tags: ['access'], security: [{ token: [] }] };
    app.get(
      '/api-keys',
      {
        config: { permission: { user: ['operations', 'R'] } },
        schema: {
          ...described,
          operationId: 'listApiKeys',
          summary: 'The API keys that were not revoked, by name, without the keys themselves',
          headers: listHeaders,
          querystring: byName,
          response: { 200: pageOf(listed), ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request, reply) => {
        await showLivePosition(reply, { liveWaitFor }, request.headers['x-position']);
        const byNames = new Map([...access.current().apiKeys.values()].map((key) => [key.name, key]));
        const { names, next, total } = namesOn(byNames.keys(), request.query);
        const shown = names.flatMap((one) => byNames.get(one) ?? []).map(keyShown);
        const used = await keyUses.lastUsed(shown.map(({ id }) => id));
        return { items: shown.map((key) => ({ ...key, lastUsedAt: used.get(key.id) ?? null })), next, total };
      },
    );
    app.post(
      '/api-keys',
      {
        config: { permission: { user: ['operations', 'W'] } },
        schema: {
          ...described,
          operationId: 'createApiKey',
          summary: 'Create an API key, which reads every queue: as somebody who does. It is shown this once',
          headers: changeHeaders,
          body,
          response: { 201: shownKey.extend({ key: z.string() }), ...failures(400, 401, 403, 409, 500, 503) },
        },
      },
      async (request, reply) => {
        if (readsBy(request) !== 'all') throw new Failure('RIGHT_MISSING'); // a key reads every queue
        const { name: keyName, expiresAt, ...rest } = request.body;
        const key = newSecret();
        const id = newId();
        const made = { apiKeyId: id, keyName, hash: keys.hash('credential', key), ...rest };
        const expiry = { expiresAt: expiresAt == null ? null : iso(expiresAt), now: iso(clock.now()) };
        const { state } = await carryOut(deps, request, reply, { type: 'CreateApiKey', ...made, ...expiry });
        const created = state.apiKeys.get(id);
        if (created === undefined) throw new Failure('UNEXPECTED');
        return reply.code(201).send({ ...keyShown(created), key });
      },
    );
    app.delete(
      '/api-keys/:id',
      {
        config: { permission: { user: ['operations', 'W'] } },
        schema: {
          ...described,
          operationId: 'revokeApiKey',
          summary: 'Revoke an API key, everywhere within a second',
          params: z.object({ id: name(200) }),
          headers: guardedHeaders,
          response: { 204: z.undefined(), ...failures(400, 401, 403, 404, 412, 428, 500, 503) },
        },
      },
      async (request, reply) => {
        const precondition = preconditionOf(request.headers);
        const command = { type: 'RevokeApiKey', apiKeyId: request.params.id, precondition, now: iso(clock.now()) } as const;
        await carryOut(deps, request, reply, command);
        return reply.code(204).send();
      },
    );
  };
