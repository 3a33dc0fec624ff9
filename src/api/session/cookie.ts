import { timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

type Hash = (label: string, ...parts: string[]) => string;

const isSame = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
const VALUE = /^([\w-]{43})\.([\w-]{43})$/;

/**
 * The cookie that carries a session's secret, with a keyed hash of it: one that was made up or altered is known without asking anything.
 * Scripts can't read it, and no other site's pages can send it. By https it is kept to https, and to this very host.
 */
export const sessionCookie = (hash: Hash, publicOrigin: string | undefined) => {
  const isSecure = ({ protocol }: FastifyRequest): boolean => publicOrigin?.startsWith('https:') === true || protocol === 'https';
  const nameFor = (request: FastifyRequest): string => (isSecure(request) ? '__Host-ringback-session' : 'ringback-session');
  const options = (request: FastifyRequest) => ({ httpOnly: true, sameSite: 'strict', path: '/', secure: isSecure(request) }) as const;
  const sealOf = (secret: string): string => hash('session-cookie', secret);
  return {
    /** The secret in a request's cookie; undefined for none, and for one that wasn't made here. */
    read: (request: FastifyRequest): string | undefined => {
      const [, secret, seal] = VALUE.exec(request.cookies[nameFor(request)] ?? '') ?? [];
      return secret !== undefined && seal !== undefined && isSame(seal, sealOf(secret)) ? secret : undefined;
    },
    /** Whether a request carries one, good or not. */
    isSent: (request: FastifyRequest): boolean => request.cookies[nameFor(request)] !== undefined,
    set: (request: FastifyRequest, reply: FastifyReply, secret: string): void => {
      reply.setCookie(nameFor(request), `${secret}.${sealOf(secret)}`, options(request));
    },
    clear: (request: FastifyRequest, reply: FastifyReply): void => {
      reply.clearCookie(nameFor(request), options(request));
    },
  };
};
export type SessionCookie = ReturnType<typeof sessionCookie>;

/** What changes by a session's cookie carry in the header `x-csrf-token`: bound to the session, and read by pages of this origin alone. */
export const csrfToken = (hash: Hash, secret: string): string => hash('csrf', secret);

/** Whether a header carries a session's token. */
export const isCsrfToken = (hash: Hash, secret: string, header: string | string[] | undefined): boolean =>
  typeof header === 'string' && isSame(header, csrfToken(hash, secret));
