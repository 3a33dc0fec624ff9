import type { UnusedKey } from './key-blocks.ts';
import type { KeyStore } from './key-store.ts';
import {
  changeSecretsKey,
  dropPreviousSecretsKey,
  hashKeyName,
  keyPlace,
  previousSecretsKey,
  resealKeys,
  sealedWith,
  secretPlace,
} from './rotation.ts';
import { isSealedWith, openSecret, parseSecretsKey, type SecretsKey, SecretsKeyError, sealSecret } from './secrets-key.ts';

export type RotateOptions = {
  /** The new SECRETS_KEY (32 bytes as base64), which the caller has kept safe before; undefined ends a change that was begun. */
  readonly next: string | undefined;
  /** Runs as soon as only the new one opens the store. */
  readonly changed?: () => Promise<void>;
  readonly told?: (keys: number) => void;
  /** Interrupts it, to be gone on with later. */
  readonly signal?: AbortSignal;
};

/** The SECRETS_KEY that a key store is sealed with, through its changes. */
export type Seal = {
  readonly hashKey: Buffer;
  readonly write: (keys: readonly UnusedKey[], deleteAfter: string | null) => Promise<void>;
  readonly open: (keyId: string, sealedKey: Uint8Array) => Buffer;
  readonly isCurrent: (secretsKey: string) => boolean;
  /** A change of SECRETS_KEY was begun: the key before it is still kept, in the store. */
  readonly isChanging: () => boolean;
  /** Seals everything with another SECRETS_KEY, and gives how many keys that were; a repeat goes on with what is left. */
  readonly rotate: (options: RotateOptions) => Promise<number>;
};

const OTHER_KEY = 'SECRETS_KEY is not the one that the key store is sealed with: start with that one, no other can read personal data';
const CHANGED =
  'SECRETS_KEY is not the one that the key store is sealed with any more: it was changed, and this node has to be started with the new one';

/** Opens what a store is sealed with: one of `keys`, the first for a new store. Throws SecretsKeyError on a store that is sealed with another. */
export const openSeal = async (store: KeyStore, keys: readonly [string, ...string[]], random: (bytes: number) => Buffer): Promise<Seal> => {
  const given = keys.map(parseSecretsKey);
  const [first] = given;
  if (first === undefined) throw new SecretsKeyError('SECRETS_KEY is missing');
  const sealedHashKey = await store.addSecret(hashKeyName, sealSecret(first, random(12), secretPlace(hashKeyName), random(32)));
  const found = given.find((key) => isSealedWith(sealedHashKey, key));
  if (found === undefined) throw new SecretsKeyError(OTHER_KEY);
  let current: SecretsKey = found;
  let previous = await previousSecretsKey(store, current);
  const hashKey = openSecret([current], secretPlace(hashKeyName), sealedHashKey);
  const known = (): readonly SecretsKey[] => [current, ...(previous === undefined ? [] : [previous]), ...given];
  const writing = new Set<Promise<void>>();

  /** On a store of several nodes, another one may have changed SECRETS_KEY to one that is known here, or to one that isn't. */
  const followChange = async (): Promise<void> => {
    const now = await sealedWith(store, known());
    if (now === undefined) throw new SecretsKeyError(CHANGED);
    if (now === current) return;
    previous = current;
    current = now;
  };
  const put = (keys: readonly UnusedKey[], deleteAfter: string | null): Promise<void> => {
    const sealed = keys.map(({ keyId, key }) => ({
      ...{ keyId, deleteAfter },
      sealedKey: sealSecret(current, random(12), keyPlace(keyId), key),
    }));
    const written: Promise<void> = store.putKeys(sealed).finally(() => writing.delete(written));
    writing.add(written);
    return written;
  };

  const changeTo = async (next: SecretsKey): Promise<void> => {
    if (previous !== undefined) await resealKeys(store, current, known(), random); // only one previous key is kept
    await changeSecretsKey(store, current, next, hashKey, random);
    previous = current;
    current = next;
  };
  let rotating = false;
  const rotate = async ({ next, changed, told, signal }: RotateOptions): Promise<number> => {
    if (rotating) throw new SecretsKeyError('SECRETS_KEY is being changed already');
    rotating = true;
    try {
      const to = next === undefined ? current : parseSecretsKey(next);
      if (!to.fingerprint.equals(current.fingerprint)) await changeTo(to);
      await changed?.();
      await Promise.allSettled(writing); // blocks that are still sealed with the one before
      const resealed = await resealKeys(store, current, known(), random, { told, signal });
      // where several nodes write, one that lags behind may still seal with the one before
      if (!store.shared || next === undefined) {
        await dropPreviousSecretsKey(store);
        previous = undefined;
      }
      return resealed;
    } finally {
      rotating = false;
    }
  };
  return {
    hashKey,
    write: async (keys, deleteAfter) => {
      if (store.shared) await followChange();
      await put(keys, deleteAfter);
    },
    open: (keyId, sealedKey) => openSecret(known(), keyPlace(keyId), sealedKey),
    isCurrent: (secretsKey) => parseSecretsKey(secretsKey).fingerprint.equals(current.fingerprint),
    isChanging: () => previous !== undefined,
    rotate,
  };
};
