import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../../clock.ts';
import type { Actor } from '../../domain/kit/events.ts';
import type { IdentityProvider } from '../../integrations/identity-provider/identity-provider.ts';
import type { AccessView, Principal } from '../../live/access.ts';
import { Failure } from '../errors/failure.ts';
import type { ByCookie, BySession } from '../session/by-cookie.ts';
import { type Credentials, credentialsIn, type Door } from './doors.ts';
import { isPermitted, type RoutePermission } from './permissions.ts';
import { providedUser } from './provided-user.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    permission?: RoutePermission;
    /** Whatever credentials a request comes with, they don't count here. */
    ignoresCredentials?: boolean;
  }
  interface FastifyRequest {
    /** Who asks; null where a route lets anybody in. */
    principal: Principal | null;
    /** Who acts, as events record it; null without a principal. */
    actor: Actor | null;
  }
}

/** Looks credentials up among the API keys and tokens in force, and asks the identity provider's keys about its tokens. */
export type FindPrincipal = (credentials: Credentials) => Principal | undefined | Promise<Principal | undefined>;

/** What is looked up is a keyed hash, which says nothing about the secret: the time that it takes to find one or none tells no more. */
export const principals =
  (
    access: AccessView,
    hash: (label: string, ...parts: string[]) => string,
    clock: Clock,
    provider: IdentityProvider | undefined,
  ): FindPrincipal =>
  ({ secret, kind }) => {
    // tokens of ours have no dots
    if (kind !== 'user' || provider === undefined || !secret.includes('.'))
      return access.principalOf(hash('credential', secret), clock.now());
    return provider.userOf(secret).then((provided) => provided && providedUser(access, provider, provided));
  };

/** Prepares the app for `guard`. */
export const decorateRequests = (app: FastifyInstance): void => {
  app.decorateRequest('principal', null);
  app.decorateRequest('actor', null);
  app.decorateRequest('session', null);
};

const unauthorized = (error: 'CREDENTIALS_MISSING' | 'CREDENTIALS_UNKNOWN' | 'SESSION_OVER', door: Door): Failure =>
  new Failure(error, {
    values: { credentials: door.asks },
    ...(door.bearer === undefined ? {} : { headers: { 'www-authenticate': 'Bearer' } }),
  });

/**
 * Guards every route of a door: first who asks (401), then whether they may (403), both before the body is read. An address that
 * isn't there says so only to those who are known. A route that names no permission doesn't register. A header comes before a cookie,
 * which browsers send without being asked: one whose session is over counts as none where anybody may ask.
 */
export const guard = (app: FastifyInstance, door: Door, find: FindPrincipal, byCookie?: ByCookie): void => {
  app.addHook('onRoute', ({ config, url }) => {
    if (config?.permission === undefined) throw new Error(`${url} names no permission`);
  });
  const bySession = async (request: FastifyRequest): Promise<BySession | null | undefined> => {
    const session = door.cookie === true ? await byCookie?.find(request) : undefined;
    if (session) byCookie?.refuseForged(request, session);
    return session;
  };
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.ignoresCredentials === true) return;
    const permission: RoutePermission = request.is404 ? 'anyone' : (request.routeOptions.config.permission ?? {});
    const credentials = credentialsIn(request.headers, door);
    const session = credentials === undefined ? await bySession(request) : undefined;
    if (credentials === undefined && !session) {
      if (permission === 'anyone' && !request.is404) return;
      throw unauthorized(session === null ? 'SESSION_OVER' : 'CREDENTIALS_MISSING', door);
    }
    const principal = credentials === undefined ? session?.user : await find(credentials);
    if (principal === undefined || (credentials && principal.kind !== credentials.kind)) throw unauthorized('CREDENTIALS_UNKNOWN', door);
    if (!isPermitted(principal, permission)) throw new Failure('RIGHT_MISSING');
    request.principal = principal;
    request.session = session ?? null;
    request.actor = { kind: door.actorKind(principal), id: principal.id, name: principal.name };
  });
};

/** Who asks. Only for routes that let nobody in without credentials. */
export const principalOf = ({ principal }: FastifyRequest): Principal => {
  if (principal === null) throw new Error('this route is open, and has no principal');
  return principal;
};
