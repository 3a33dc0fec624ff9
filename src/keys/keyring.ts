import { randomBytes } from 'node:crypto';
import { keyBlocks, type UnusedKey } from './key-blocks.ts';
import { dropOldest, keyCache } from './key-cache.ts';
import type { KeyStore } from './key-store.ts';
import { keyedHash } from './keyed-hash.ts';
import { openSeal, type RotateOptions } from './seal.ts';

/** A position isn't secret, but belongs to the keys beside it. */
const MARK = 'carried-out';

/** The keys of personal data, and keyed hashes. Buffers it gives are shared: read them only. */
export type Keyring = {
  /** A key for one callback (call-in request, do-not-call entry), never given before unless it was given back; does no I/O while some are on hand. */
  readonly takeKey: () => Promise<UnusedKey>;
  /** Gives back a key that was taken here and that nothing recorded is sealed under: the next to take one gets it. */
  readonly giveBack: (keyId: string) => void;
  /** The key of that id; undefined when it is lost. Rejects when the store can't be asked, or SecretsKeyError on a row that was changed. */
  readonly keyOf: (keyId: string) => Promise<Buffer | undefined>;
  /** Deletes keys: nothing under them can be read again, here at once, even if the store fails and it has to be repeated. */
  readonly forget: (...keyIds: string[]) => Promise<void>;
  /** Nothing under these keys can be read here again, for a fact says that they go: whichever node deletes them, and however late. */
  readonly evict: (...keyIds: string[]) => void;
  /** Sets when keys expire (UTC text with milliseconds by id), or null for never; those that are lost stay lost. */
  readonly setDeleteAfter: KeyStore['setDeleteAfter'];
  /** Deletes the keys that have expired by `now`; gives how many. */
  readonly deleteExpired: (now: string) => Promise<number>;
  /** How far in the log the facts that end keys have been carried out here; undefined: not at all. It is backed up with the keys. */
  readonly carriedOut: () => Promise<bigint | undefined>;
  readonly setCarriedOut: (position: bigint) => Promise<void>;
  /** A keyed hash: 43 letters of base64url. It outlives a change of SECRETS_KEY. */
  readonly hash: (label: string, ...parts: readonly string[]) => string;
  /** See `Seal` for these. */
  readonly isSealedWith: (secretsKey: string) => boolean;
  readonly isChanging: () => boolean;
  readonly rotate: (options: RotateOptions) => Promise<number>;
  /** See the key store's own. */
  readonly shared: boolean;
  readonly backUp: KeyStore['backUp'];
  /** Gives back the keys on hand that nobody took, and closes the store. */
  readonly close: () => Promise<void>;
};

/**
 * Opens the keyring of a store. `secretsKey` is SECRETS_KEY, 32 bytes as base64; a store that was sealed with another is refused (SecretsKeyError).
 * `nextSecretsKey`: the one to come, or that came already, while SECRETS_KEY is being changed on several nodes.
 * `ahead`: about how many keys to have on hand for a time without the store; 0 takes none before the first is asked for.
 * `cached`: how many keys to keep in memory. `now`: the clock (epoch ms) that keys expire by; without it those that nobody takes stay for ever.
 */
export const openKeyring = async (options: {
  readonly store: KeyStore;
  readonly secretsKey: string;
  readonly nextSecretsKey?: string | undefined;
  readonly random?: (bytes: number) => Buffer;
  readonly blockSize?: number;
  readonly ahead?: number;
  readonly cached?: number;
  readonly now?: (() => number) | undefined;
}): Promise<Keyring> => {
  const { store, secretsKey, nextSecretsKey, now, random = randomBytes, blockSize = 256, ahead = 1024, cached = 20_000 } = options;
  const seal = await openSeal(store, nextSecretsKey === undefined ? [secretsKey] : [secretsKey, nextSecretsKey], random);
  const load = async (keyIds: readonly string[]) => {
    const records = await store.getKeys(keyIds);
    return new Map(records.map(({ keyId, sealedKey }) => [keyId, () => seal.open(keyId, sealedKey)]));
  };
  const blocks = keyBlocks({ write: seal.write, now, random, blockSize, ahead });
  const cache = keyCache(load, cached);
  const taken = new Map<string, number>(); // until when each may be taken again; the keys themselves are in one place, where they can be forgotten
  if (ahead > 0) blocks.prepare();

  const takeKey = async () => {
    const one = await blocks.take();
    cache.put(one.keyId, one.key);
    taken.set(one.keyId, one.takeBefore);
    if (taken.size > cached) dropOldest(taken);
    return one;
  };
  const giveBack = (keyId: string) => {
    const [key, takeBefore] = [cache.peek(keyId), taken.get(keyId)]; // one that has left the memory meanwhile just stays unused
    if (key !== undefined && takeBefore !== undefined) blocks.giveBack({ keyId, key, takeBefore });
  };
  const forget = async (...keyIds: string[]) => {
    cache.bar(keyIds);
    await store.deleteKeys(keyIds);
    cache.unbar(keyIds);
  };
  const deleteExpired = async (now: string) => {
    const pageSize = 1000;
    let deleted = 0;
    for (;;) {
      const keyIds = await store.deleteExpired(now, pageSize);
      cache.drop(keyIds);
      deleted += keyIds.length;
      if (keyIds.length < pageSize) return deleted;
    }
  };
  const carriedOut = async () => {
    const mark = await store.getSecret(MARK);
    return mark === undefined ? undefined : BigInt(Buffer.from(mark).toString());
  };
  const close = async () => {
    const unused = await blocks.drain();
    await store.deleteKeys(unused.map(({ keyId }) => keyId)).catch(() => undefined); // nothing is sealed under them: leaving them is only untidy
    await store.close();
  };
  return {
    takeKey,
    giveBack,
    keyOf: cache.get,
    forget,
    evict: (...keyIds) => cache.evict(keyIds),
    setDeleteAfter: store.setDeleteAfter,
    deleteExpired,
    carriedOut,
    setCarriedOut: async (position) => {
      await store.putSecrets({ [MARK]: Buffer.from(position.toString()) });
    },
    hash: (label, ...parts) => keyedHash(seal.hashKey, label, ...parts),
    isSealedWith: seal.isCurrent,
    isChanging: seal.isChanging,
    rotate: seal.rotate,
    shared: store.shared,
    backUp: store.backUp,
    close,
  };
};
