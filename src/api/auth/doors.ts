import type { IncomingHttpHeaders } from 'node:http';
import type { Actor } from '../../domain/kit/events.ts';
import type { Principal } from '../../live/access.ts';

/** A part of the API with its own way of saying who asks: which header carries whose credentials. */
export type Door = {
  readonly prefix: string;
  readonly bearer?: Principal['kind'];
  readonly apiKey: Principal['kind'];
  /** Whether a session of the console does, by its cookie. */
  readonly cookie?: boolean;
  readonly asks: string;
  readonly actorKind: (principal: Principal) => Actor['kind'];
};

/** The contract of existing clients. */
export const contractDoor: Door = {
  prefix: '/engagement/v3',
  apiKey: 'client',
  asks: 'an API key in the header x-api-key',
  actorKind: () => 'client',
};

/** Our own API: users by token or the session of a browser; clients, where a route admits them, by key. */
export const apiDoor: Door = {
  prefix: '/api',
  bearer: 'user',
  apiKey: 'client',
  cookie: true,
  asks: 'authorization: Bearer with a token, or the cookie of a session',
  actorKind: ({ kind }) => kind,
};

/** What the contact center reports. */
export const contactCenterDoor: Door = {
  prefix: '/contact-center',
  bearer: 'client',
  apiKey: 'client',
  asks: 'authorization: Bearer with a connector key, or the key in the header x-api-key',
  actorKind: () => 'connector',
};

export type Credentials = { readonly secret: string; readonly kind: Principal['kind'] };

/** The credentials that a request came with; undefined for none that this door takes. */
export const credentialsIn = (headers: IncomingHttpHeaders, door: Door): Credentials | undefined => {
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  if (door.bearer !== undefined && bearer !== undefined) return { secret: bearer, kind: door.bearer };
  const apiKey = headers['x-api-key'];
  return typeof apiKey === 'string' && apiKey !== '' ? { secret: apiKey, kind: door.apiKey } : undefined;
};
