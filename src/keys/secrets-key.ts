import { createHmac } from 'node:crypto';
import { openBytes, sealBytes } from './aes-gcm.ts';

/** SECRETS_KEY, which seals everything in the key store. `fingerprint` names it in what it sealed, and gives nothing away. */
export type SecretsKey = { readonly key: Buffer; readonly fingerprint: Buffer };

/** What is sealed was sealed with a SECRETS_KEY that isn't here, or was changed since. */
export class SecretsKeyError extends Error {
  override readonly name = 'SecretsKeyError';
}

const version = 1;
const fingerprintBytes = 8;

export const secretsKeyOf = (key: Buffer): SecretsKey => ({
  key,
  fingerprint: createHmac('sha256', key).update('fingerprint').digest().subarray(0, fingerprintBytes),
});

/** Reads SECRETS_KEY: 32 bytes as base64, with or without padding. Throws a sentence that doesn't repeat it. */
export const parseSecretsKey = (text: string): SecretsKey => {
  const key = Buffer.from(text, 'base64');
  const unpadded = (base64: string) => base64.trim().replace(/=+$/, '');
  if (key.length !== 32 || unpadded(key.toString('base64')) !== unpadded(text)) {
    throw new SecretsKeyError('SECRETS_KEY must be 32 bytes in base64; `openssl rand -base64 32` makes one');
  }
  return secretsKeyOf(key);
};

/** Seals `secret` for the place called `name`: version, fingerprint, iv, tag, cipher text. `iv`: 12 random bytes. */
export const sealSecret = ({ key, fingerprint }: SecretsKey, iv: Uint8Array, name: string, secret: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(version), fingerprint, sealBytes(key, iv, name, secret)]);

/** Whether `sealed` was sealed with this SECRETS_KEY. */
export const isSealedWith = (sealed: Uint8Array, { fingerprint }: SecretsKey): boolean =>
  sealed[0] === version && fingerprint.equals(sealed.subarray(1, 1 + fingerprintBytes));

/** Opens what was sealed for the place called `name` with one of `keys`. Throws SecretsKeyError. */
export const openSecret = (keys: readonly SecretsKey[], name: string, sealed: Uint8Array): Buffer => {
  const sealedWith = keys.find((key) => isSealedWith(sealed, key));
  if (sealedWith === undefined) throw new SecretsKeyError(`${name} in the key store is sealed with another SECRETS_KEY`);
  const secret = openBytes(sealedWith.key, name, sealed.subarray(1 + fingerprintBytes));
  if (secret === undefined) throw new SecretsKeyError(`${name} in the key store was tampered with`);
  return secret;
};
