import type { Decision } from '../kit/decider.ts';
import type { Precondition, PreconditionRefusal } from '../kit/precondition.ts';
import type { AccessEvent, KeyLimits, Right } from './events.ts';
import type { Reads } from './reads.ts';
import type { Role } from './roles.ts';

/** What the one who asks can name: the queues there are, and those he reads. Others he neither sees nor changes. */
export type Nameable = { readonly queues: ReadonlySet<string>; readonly reads: Reads };

/** A group's read as it is asked for. */
export type AskedRead = { readonly queue: string } | { readonly folder: string; readonly propagate: boolean };

/** Instants are UTC text; `hash` and `passwordHash` are keyed hashes, never the secret. */
export type AccessCommand =
  | {
      readonly type: 'CreateApiKey';
      readonly apiKeyId: string;
      readonly keyName: string;
      readonly hash: string;
      readonly rights: readonly Right[];
      readonly origins: readonly string[];
      readonly expiresAt: string | null;
      readonly limits: KeyLimits;
      readonly now: string;
    }
  | { readonly type: 'RevokeApiKey'; readonly apiKeyId: string; readonly precondition: Precondition; readonly now: string }
  | {
      readonly type: 'PutUser';
      readonly user: string;
      /** Undefined keeps what there is; null takes it away. */
      readonly passwordHash: string | null | undefined;
      readonly groups: readonly string[];
      readonly precondition: Precondition;
      readonly now: string;
    }
  | { readonly type: 'DeleteUser'; readonly user: string; readonly precondition: Precondition; readonly now: string }
  | {
      readonly type: 'IssueUserToken';
      readonly user: string;
      readonly tokenId: string;
      readonly hash: string;
      readonly expiresAt: string | null;
      readonly now: string;
    }
  | {
      readonly type: 'RevokeUserTokens';
      readonly user: string;
      /** All of the user's when left out. */
      readonly tokenId?: string | undefined;
      readonly now: string;
    }
  | {
      readonly type: 'PutAccessGroup';
      readonly group: string;
      readonly roles: readonly Role[];
      readonly members: readonly string[];
      readonly reads: readonly AskedRead[] | null;
      readonly nameable: Nameable;
      readonly precondition: Precondition;
      readonly now: string;
    }
  | { readonly type: 'DeleteAccessGroup'; readonly group: string; readonly precondition: Precondition; readonly now: string }
  | {
      readonly type: 'PutFolder';
      readonly folder: string;
      readonly parent: string | null;
      readonly queues: readonly string[];
      readonly nameable: Nameable;
      readonly precondition: Precondition;
      readonly now: string;
    }
  | { readonly type: 'DeleteFolder'; readonly folder: string; readonly precondition: Precondition; readonly now: string };

export type AccessCommandOf<T extends AccessCommand['type']> = Extract<AccessCommand, { type: T }>;

export type AccessRefusal =
  | PreconditionRefusal
  | {
      readonly code:
        | 'UNKNOWN_API_KEY'
        | 'UNKNOWN_USER'
        | 'UNKNOWN_TOKEN'
        | 'UNKNOWN_ACCESS_GROUP'
        | 'UNKNOWN_FOLDER'
        | 'KEY_NAME_TAKEN'
        | 'PREDEFINED_GROUP'
        | 'LAST_ADMINISTRATOR'
        | 'READS_MORE';
    }
  | { readonly code: 'FOLDER_IN_USE'; readonly by: readonly string[] }
  /** What names something that isn't there, or would form a loop; `path` is that of the request's body. */
  | { readonly code: 'INVALID_ACCESS'; readonly errors: readonly { readonly path: string; readonly message: string }[] };

export type AccessDecision = Decision<AccessEvent, AccessRefusal>;
