import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../../clock.ts';
import type { Actor } from '../../domain/kit/events.ts';
import type { AccessView, Principal } from '../../live/access.ts';
import { Failure } from '../errors/failure.ts';
import { credentialsIn, type Door } from './doors.ts';
import { isPermitted, type RoutePermission } from './permissions.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    permission?: RoutePermission;
  }
  interface FastifyRequest {
    /** Who asks; null where a route lets anybody in. */
    principal: Principal | null;
    /** Who acts, as events record it; null without a principal. */
    actor: Actor | null;
  }
}

/** Looks a secret up among the API keys and tokens in force. */
export type FindPrincipal = (secret: string) => Principal | undefined;

/** What is looked up is a keyed hash, which says nothing about the secret: the time that it takes to find one or none tells no more. */
export const principals =
  (access: AccessView, hash: (label: string, ...parts: string[]) => string, clock: Clock): FindPrincipal =>
  (secret) =>
    access.principalOf(hash('credential', secret), clock.now());

/** Prepares the app for `guard`. */
export const decorateRequests = (app: FastifyInstance): void => {
  app.decorateRequest('principal', null);
  app.decorateRequest('actor', null);
};

const unauthorized = (error: 'CREDENTIALS_MISSING' | 'CREDENTIALS_UNKNOWN', door: Door): Failure =>
  new Failure(error, {
    values: { credentials: door.asks },
    ...(door.bearer === undefined ? {} : { headers: { 'www-authenticate': 'Bearer' } }),
  });

/**
 * Guards every route of a door: first who asks (401), then whether they may (403), both before the body is read. An address that
 * isn't there says so only to those who are known. A route that names no permission doesn't register.
 */
export const guard = (app: FastifyInstance, door: Door, find: FindPrincipal): void => {
  app.addHook('onRoute', ({ config, url }) => {
    if (config?.permission === undefined) throw new Error(`${url} names no permission`);
  });
  app.addHook('onRequest', async (request) => {
    const permission: RoutePermission = request.is404 ? 'anyone' : (request.routeOptions.config.permission ?? {});
    const credentials = credentialsIn(request.headers, door);
    if (credentials === undefined) {
      if (permission === 'anyone' && !request.is404) return;
      throw unauthorized('CREDENTIALS_MISSING', door);
    }
    const principal = find(credentials.secret);
    if (principal === undefined || principal.kind !== credentials.kind) throw unauthorized('CREDENTIALS_UNKNOWN', door);
    if (!isPermitted(principal, permission)) throw new Failure('RIGHT_MISSING');
    request.principal = principal;
    request.actor = { kind: door.actorKind(principal), id: principal.id, name: principal.name };
  });
};

/** Who asks. Only for routes that let nobody in without credentials. */
export const principalOf = ({ principal }: FastifyRequest): Principal => {
  if (principal === null) throw new Error('this route is open, and has no principal');
  return principal;
};
