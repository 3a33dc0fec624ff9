import type { FastifyRequest } from 'fastify';
import type { User } from '../../live/access.ts';
import type { ApiDeps } from '../deps.ts';
import { Failure } from '../errors/failure.ts';
import { isCsrfToken, sessionCookie } from './cookie.ts';
import { isFromOwnPage } from './origin.ts';
import { userOfSession } from './proof.ts';
import { reach } from './reach.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The session that a cookie stands for; null for those who ask in another way. */
    session: BySession | null;
  }
}

export type BySession = { readonly secret: string; readonly user: User };

/** Who asks by a session's cookie. */
export type ByCookie = {
  /** Undefined without a cookie; null for one whose session is over, or never was. */
  readonly find: (request: FastifyRequest) => Promise<BySession | null | undefined>;
  /** Refuses a change that a page of somebody else made the browser send. */
  readonly refuseForged: (request: FastifyRequest, session: BySession) => void;
};

const isRead = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD' || method === 'OPTIONS';

export const byCookie = ({ access, commands, signIn }: Pick<ApiDeps, 'access' | 'commands' | 'signIn'>): ByCookie => {
  const { sessions, publicOrigin } = signIn;
  const { hash } = commands.keys;
  const cookie = sessionCookie(hash, publicOrigin);
  return {
    find: async (request) => {
      if (!cookie.isSent(request)) return undefined;
      const secret = cookie.read(request);
      const start = secret === undefined ? undefined : await reach(sessions.find(secret));
      const user = start && userOfSession(start, access, hash, commands.clock.now());
      return secret === undefined || user === undefined ? null : { secret, user };
    },
    refuseForged: (request, { secret }) => {
      if (isRead(request)) return;
      if (isFromOwnPage(request, publicOrigin) !== true) throw new Failure('FOREIGN_ORIGIN');
      if (!isCsrfToken(hash, secret, request.headers['x-csrf-token'])) throw new Failure('CSRF_TOKEN_WRONG');
    },
  };
};
