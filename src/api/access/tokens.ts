import { randomBytes } from 'node:crypto';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { iso } from '../../clock.ts';
import { accessName } from '../../domain/access/names.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { changeHeaders } from '../schemas/headers.ts';
import { instant } from '../schemas/instant.ts';
import { name } from '../schemas/text.ts';
import { carryOut } from './change.ts';

/** A secret that is shown once: 256 random bits, 43 letters. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** POST and DELETE /users/{name}/tokens (8.4). */
export const userTokens =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const { commands } = deps;
    const { keys, clock, newId } = commands;
    const config = { permission: { user: ['access', 'W'] } } as const;
    const described = { tags: ['access'], security: [{ token: [] }], params: z.object({ name: accessName }), headers: changeHeaders };
    app.post(
      '/users/:name/tokens',
      {
        config,
        schema: {
          ...described,
          operationId: 'issueUserToken',
          summary: 'Issue a token for a user; it is shown this once',
          body: z.strictObject({ expiresAt: instant.nullish().describe('For ever when left out') }).default({}),
          response: {
            201: z.object({ id: z.string(), token: z.string(), expiresAt: z.string().nullable() }),
            ...failures(400, 401, 403, 404, 500, 503),
          },
        },
      },
      async (request, reply) => {
        const { body, params } = request;
        const token = newSecret();
        const id = newId();
        const expiresAt = body.expiresAt == null ? null : iso(body.expiresAt);
        const issued = { user: params.name, tokenId: id, hash: keys.hash('credential', token), expiresAt, now: iso(clock.now()) };
        await carryOut(deps, request, reply, { type: 'IssueUserToken', ...issued });
        return reply.code(201).send({ id, token, expiresAt });
      },
    );
    app.delete(
      '/users/:name/tokens',
      {
        config,
        schema: {
          ...described,
          operationId: 'revokeUserTokens',
          summary: 'Revoke all tokens of a user, or one of them',
          querystring: z.strictObject({ id: name(200).optional().describe('Only this one') }),
          response: { 204: z.undefined(), ...failures(400, 401, 403, 404, 409, 500, 503) },
        },
      },
      async (request, reply) => {
        const { params, query } = request;
        const now = iso(clock.now());
        await carryOut(deps, request, reply, { type: 'RevokeUserTokens', user: params.name, tokenId: query.id, now });
        return reply.code(204).send();
      },
    );
  };
