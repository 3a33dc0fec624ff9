import { createCipheriv, createDecipheriv } from 'node:crypto';

const algorithm = 'aes-256-gcm';
export const ivBytes = 12;
const tagBytes = 16;

/** Seals `plain` under a 32-byte key and binds `bound`: iv, tag, cipher text. An iv must never meet the same key twice. */
export const sealBytes = (key: Uint8Array, iv: Uint8Array, bound: string, plain: Uint8Array): Buffer => {
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(bound));
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), text]);
};

/** Opens what `sealBytes` sealed; undefined if the key, what is bound, or a single bit isn't the same. */
export const openBytes = (key: Uint8Array, bound: string, sealed: Uint8Array): Buffer | undefined => {
  if (sealed.length < ivBytes + tagBytes) return undefined;
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, ivBytes), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(bound));
  decipher.setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes));
  const start = decipher.update(sealed.subarray(ivBytes + tagBytes));
  try {
    return Buffer.concat([start, decipher.final()]);
  } catch {
    return undefined; // final() throws exactly when the tag doesn't fit
  }
};
