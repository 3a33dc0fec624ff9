import type { KeyStore } from './key-store.ts';
import { isSealedWith, openSecret, type SecretsKey, sealSecret, secretsKeyOf } from './secrets-key.ts';

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

/** Changes SECRETS_KEY in one step: from now on only `to` opens the store, and finds `from` in it, for what isn't sealed anew yet. */
export const changeSecretsKey = async (
  store: KeyStore,
  from: SecretsKey,
  to: SecretsKey,
  hashKey: Buffer,
  random: Random,
): Promise<void> => {
  const seal = (name: string, secret: Buffer) => sealSecret(to, random(12), secretPlace(name), secret);
  await store.putSecrets({ [hashKeyName]: seal(hashKeyName, hashKey), [previousName]: seal(previousName, from.key) });
};

/** Seals with `current` every key that is still sealed with another of `known`; gives how many. Can be interrupted and begun again. */
export const resealKeys = async (store: KeyStore, current: SecretsKey, known: readonly SecretsKey[], random: Random): Promise<number> => {
  const pageSize = 1000;
  let after: string | undefined;
  let resealed = 0;
  for (;;) {
    const page = await store.listKeys(after, pageSize);
    const changes = page
      .filter(({ sealedKey }) => !isSealedWith(sealedKey, current))
      .map(({ keyId, sealedKey }) => {
        const key = openSecret(known, keyPlace(keyId), sealedKey);
        return { keyId, before: sealedKey, after: sealSecret(current, random(12), keyPlace(keyId), key) };
      });
    if (changes.length > 0) await store.resealKeys(changes);
    resealed += changes.length;
    after = page.at(-1)?.keyId;
    if (page.length < pageSize) return resealed;
  }
};
