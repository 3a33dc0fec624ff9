import type { Right } from '../domain/access/events.ts';
import type { LiveView } from './live-view.ts';

/** Who a credential stands for. */
export type Principal =
  | { readonly kind: 'client'; readonly id: string; readonly name: string; readonly rights: readonly Right[] }
  | { readonly kind: 'user'; readonly id: string; readonly name: string; readonly roles: readonly string[] };

/** API keys and tokens in force, by keyed hash. */
export type AccessView = LiveView & {
  readonly principalOf: (hash: string) => Principal | undefined;
  /** Credentials that the environment or the first start made, by name: their id and hash. */
  readonly bootstrapped: (name: string) => { readonly id: string; readonly hash: string } | undefined;
};

export const accessView = (): AccessView => {
  const principals = new Map<string, Principal>();
  const hashes = new Map<string, string>();
  const bootstrap = new Map<string, { id: string; hash: string }>();
  const add = (id: string, name: string, hash: string, fromStart: boolean, principal: Principal): void => {
    principals.set(hash, principal);
    hashes.set(id, hash);
    if (fromStart) bootstrap.set(name, { id, hash });
  };
  const remove = (id: string): void => {
    const hash = hashes.get(id);
    if (hash !== undefined) principals.delete(hash);
    hashes.delete(id);
  };
  return {
    name: 'access',
    principalOf: (hash) => principals.get(hash),
    bootstrapped: (name) => bootstrap.get(name),
    apply: ({ type, data }) => {
      switch (type) {
        case 'ApiKeyCreated': {
          const { apiKeyId: id, keyName: name, hash, rights, bootstrap: fromStart } = data;
          return add(id, name, hash, fromStart, { kind: 'client', id, name, rights });
        }
        case 'UserTokenIssued': {
          const { tokenId: id, user: name, hash, roles, bootstrap: fromStart } = data;
          return add(id, name, hash, fromStart, { kind: 'user', id: name, name, roles });
        }
        case 'ApiKeyRevoked':
          return remove(data.apiKeyId);
        case 'UserTokenRevoked':
          return remove(data.tokenId);
      }
    },
  };
};
