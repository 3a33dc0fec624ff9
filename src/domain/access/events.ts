import { z } from 'zod';
import type { Catalogue, EventOf } from '../kit/events.ts';
import { instant } from '../kit/events.ts';
import { roles } from './roles.ts';

export const rights = ['callbacks', 'call-in', 'statistics', 'connector'] as const;
export type Right = (typeof rights)[number];

/** How much one key may book (1.8). */
const limits = z.object({ immediatePerNumberPerDay: z.int(), bookingsPerQueuePerMinute: z.int() });
export type KeyLimits = z.output<typeof limits>;

/** What a group reads: a queue, or a folder. `covers`: what lay in a folder that isn't propagated when it was granted. */
const read = z.union([
  z.object({ queue: z.string() }),
  z.object({ folder: z.string(), propagate: z.boolean(), covers: z.array(z.string()) }),
]);
export type GroupRead = z.output<typeof read>;

/**
 * API keys, users, groups and folders, in the stream `access`. Secrets are there as keyed hashes alone. `bootstrap` credentials come
 * from the environment or the first start.
 */
export const accessEvents = {
  ApiKeyCreated: {
    v: 1,
    data: z.object({
      keyName: z.string(),
      apiKeyId: z.string(),
      hash: z.string(),
      rights: z.array(z.enum(rights)),
      origins: z.array(z.string()),
      expiresAt: instant.nullable(),
      limits,
      bootstrap: z.boolean(),
      at: instant,
    }),
    personal: [],
  },
  ApiKeyRevoked: { v: 1, data: z.object({ keyName: z.string(), apiKeyId: z.string(), at: instant }), personal: [] },
  UserPut: {
    v: 1,
    data: z.object({ user: z.string(), passwordHash: z.string().nullable(), groups: z.array(z.string()), at: instant }),
    personal: [],
  },
  UserDeleted: { v: 1, data: z.object({ user: z.string(), at: instant }), personal: [] },
  UserTokenIssued: {
    v: 1,
    data: z.object({
      user: z.string(),
      tokenId: z.string(),
      hash: z.string(),
      expiresAt: instant.nullable(),
      bootstrap: z.boolean(),
      at: instant,
    }),
    personal: [],
  },
  UserTokenRevoked: { v: 1, data: z.object({ user: z.string(), tokenId: z.string(), at: instant }), personal: [] },
  AccessGroupPut: {
    v: 1,
    data: z.object({
      group: z.string(),
      roles: z.array(z.enum(roles)),
      members: z.array(z.string()),
      reads: z.array(read).nullable(),
      at: instant,
    }),
    personal: [],
  },
  AccessGroupDeleted: { v: 1, data: z.object({ group: z.string(), at: instant }), personal: [] },
  FolderPut: {
    v: 1,
    data: z.object({ folder: z.string(), parent: z.string().nullable(), queues: z.array(z.string()), at: instant }),
    personal: [],
  },
  FolderDeleted: { v: 1, data: z.object({ folder: z.string(), at: instant }), personal: [] },
  SignInFailed: { v: 1, data: z.object({ user: z.string(), because: z.string(), at: instant }), personal: [] },
  AccountLocked: { v: 1, data: z.object({ user: z.string(), until: instant, at: instant }), personal: [] },
  UserSignedOutEverywhere: { v: 1, data: z.object({ user: z.string(), at: instant }), personal: [] },
} as const satisfies Catalogue;

export type AccessEvent = EventOf<typeof accessEvents>;
export const ACCESS_STREAM = 'access';
/**
 * Where users sign out everywhere. Anybody signed in may as often as he likes, and changes in `access` are decided on its last revision:
 * there he could keep an administrator from ever revoking his token.
 */
export const SIGN_OUTS_STREAM = 'sign-outs';
export const defaultLimits: KeyLimits = { immediatePerNumberPerDay: 6, bookingsPerQueuePerMinute: 500 };
