import { createHmac } from 'node:crypto';

/**
 * HMAC-SHA-256 of the parts under the hash key, as 43 letters of base64url: the same for the same parts for as long as the key store lives.
 * `label` separates purposes: the same parts under another label give an unrelated hash.
 */
export const keyedHash = (hashKey: Uint8Array, label: string, ...parts: readonly string[]): string =>
  createHmac('sha256', hashKey)
    .update(JSON.stringify([label, ...parts])) // unambiguous: ("a", "bc") and ("ab", "c") differ
    .digest('base64url');
