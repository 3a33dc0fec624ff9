import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Right } from '../../domain/access/events.ts';
import type { AccessView } from '../../live/access.ts';

/** What pages may send and read beyond what browsers let through by themselves. */
const SENT = 'content-type, x-api-key, idempotency-key, x-captcha-token, x-reason';
const READ = 'x-correlation-id, x-position, x-lag-ms, retry-after, location';
const METHODS = 'GET, POST, PUT, PATCH, DELETE';
const SECONDS_REMEMBERED = '300';

const allow = (reply: FastifyReply, origin: string): void => {
  reply.header('access-control-allow-origin', origin);
};

const isPreflight = ({ method, headers }: FastifyRequest): boolean =>
  method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;

/**
 * Answers preflights (8.3). One carries no key, so it is granted to the origins of all keys in force that a door has any use for; the
 * origin of a key that it has no use for is told nothing. To be added before the door's guard.
 */
export const answerPreflights = (app: FastifyInstance, access: AccessView, now: () => number): void => {
  const admitted = new Set<Right>();
  app.addHook('onRoute', ({ config }) => {
    const permission = config?.permission;
    if (permission !== undefined && permission !== 'anyone' && permission.client !== undefined) admitted.add(permission.client);
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('vary', 'Origin');
    if (!isPreflight(request)) return;
    const { origin = '' } = request.headers;
    if (access.origins(now(), [...admitted]).has(origin)) {
      allow(reply, origin);
      reply.headers({
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': SENT,
        'access-control-max-age': SECONDS_REMEMBERED,
      });
    }
    return reply.code(204).send();
  });
};

/**
 * Lets pages of the origins of the very key that a request came with, and no others, read the answer. Credentials of the browser are
 * never allowed: keys travel in a header. To be added after the door's guard.
 */
export const allowOrigin = (app: FastifyInstance): void => {
  app.addHook('onRequest', async ({ principal, headers: { origin } }, reply) => {
    if (principal?.kind !== 'client' || origin === undefined || !principal.origins.includes(origin)) return;
    allow(reply, origin);
    reply.header('access-control-expose-headers', READ);
  });
};
