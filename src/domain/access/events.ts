import { z } from 'zod';
import type { Catalogue, EventOf } from '../kit/events.ts';
import { instant } from '../kit/events.ts';

export const rights = ['callbacks', 'call-in', 'statistics', 'connector'] as const;
export type Right = (typeof rights)[number];

/** API keys and tokens, by keyed hash, in the stream `access`. `bootstrap` ones come from the environment or the first start. */
export const accessEvents = {
  ApiKeyCreated: {
    v: 1,
    data: z.object({
      keyName: z.string(),
      apiKeyId: z.string(),
      hash: z.string(),
      rights: z.array(z.enum(rights)),
      bootstrap: z.boolean(),
      at: instant,
    }),
    personal: [],
  },
  ApiKeyRevoked: { v: 1, data: z.object({ keyName: z.string(), apiKeyId: z.string(), at: instant }), personal: [] },
  UserTokenIssued: {
    v: 1,
    data: z.object({
      user: z.string(),
      tokenId: z.string(),
      hash: z.string(),
      roles: z.array(z.string()),
      bootstrap: z.boolean(),
      at: instant,
    }),
    personal: [],
  },
  UserTokenRevoked: { v: 1, data: z.object({ user: z.string(), tokenId: z.string(), at: instant }), personal: [] },
} as const satisfies Catalogue;

export type AccessEvent = EventOf<typeof accessEvents>;
export const ACCESS_STREAM = 'access';
