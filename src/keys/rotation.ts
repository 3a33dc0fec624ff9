import type { KeyStore } from './key-store.ts';
import { isSealedWith, openSecret, type SecretsKey, SecretsKeyError, sealSecret, secretsKeyOf } from './secrets-key.ts';

/** What named secrets and keys are sealed for, so that none passes for another. */
export const keyPlace = (keyId: string) => `key ${keyId}`;
export const secretPlace = (name: string) => `secret ${name}`;

export const hashKeyName = 'hash-key';
const previousName = 'previous-secrets-key';

type Random = (bytes: number) => Buffer;

/** The SECRETS_KEY before this one, with which rows may still be sealed: those not reached yet, or written by a node that lagged behind. */
export const previousSecretsKey = async (store: KeyStore, current: SecretsKey): Promise<SecretsKey | undefined> => {
  const sealed = await store.getSecret(previousName);
  return sealed === undefined ? undefined : secretsKeyOf(openSecret([current], secretPlace(previousName), sealed));
};

/** Forgets the SECRETS_KEY before this one: nothing may be sealed with it any more. */
export const dropPreviousSecretsKey = async (store: KeyStore): Promise<void> => {
  await store.putSecrets({ [previousName]: undefined });
};

/** Which of `known` the store is sealed with now: in it the hash key lies, which every change of SECRETS_KEY seals anew. */
export const sealedWith = async (store: KeyStore, known: readonly SecretsKey[]): Promise<SecretsKey | undefined> => {
  const sealed = await store.getSecret(hashKeyName);
  return sealed === undefined ? undefined : known.find((key) => isSealedWith(sealed, key));
};

/**
 * Changes SECRETS_KEY in one step: from now on only `to` opens the store, and finds `from` in it, for what isn't sealed anew yet.
 * Throws SecretsKeyError when another process changed it first.
 */
export const changeSecretsKey = async (
  store: KeyStore,
  from: SecretsKey,
  to: SecretsKey,
  hashKey: Buffer,
  random: Random,
): Promise<void> => {
  const seal = (name: string, secret: Buffer) => sealSecret(to, random(12), secretPlace(name), secret);
  const is = await store.getSecret(hashKeyName);
  const changed =
    is !== undefined &&
    isSealedWith(is, from) &&
    (await store.putSecrets(
      { [hashKeyName]: seal(hashKeyName, hashKey), [previousName]: seal(previousName, from.key) },
      { name: hashKeyName, is },
    ));
  if (!changed) throw new SecretsKeyError('SECRETS_KEY was changed by another process meanwhile');
};

/**
 * Seals with `current` every key that is still sealed with another of `known`; gives how many. Can be interrupted and begun again;
 * rejects once `signal` aborts. `told` hears after each page how many it were.
 */
export const resealKeys = async (
  store: KeyStore,
  current: SecretsKey,
  known: readonly SecretsKey[],
  random: Random,
  { signal, told = () => {} }: { readonly signal?: AbortSignal | undefined; readonly told?: ((keys: number) => void) | undefined } = {},
): Promise<number> => {
  const pageSize = 1000;
  let after: string | undefined;
  let resealed = 0;
  for (;;) {
    signal?.throwIfAborted();
    const page = await store.listKeys(after, pageSize);
    const changes = page
      .filter(({ sealedKey }) => !isSealedWith(sealedKey, current))
      .map(({ keyId, sealedKey }) => {
        const key = openSecret(known, keyPlace(keyId), sealedKey);
        return { keyId, before: sealedKey, after: sealSecret(current, random(12), keyPlace(keyId), key) };
      });
    if (changes.length > 0) await store.resealKeys(changes);
    resealed += changes.length;
    if (changes.length > 0) told(resealed);
    after = page.at(-1)?.keyId;
    if (page.length < pageSize) return resealed;
  }
};
