import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSecret, parseSecretsKey, SecretsKeyError, sealSecret } from '../../src/keys/secrets-key.ts';

const text = (fill: number) => Buffer.alloc(32, fill).toString('base64');
const iv = Buffer.alloc(12, 3);

describe('SECRETS_KEY', () => {
  it('is 32 bytes in base64, padded or not', () => {
    expect(parseSecretsKey(text(1)).key).toEqual(Buffer.alloc(32, 1));
    expect(parseSecretsKey(text(1).replace('=', '')).key).toEqual(Buffer.alloc(32, 1));
  });

  it('is refused otherwise, with a sentence that does not show it', () => {
    const bad = [
      '',
      'secret',
      Buffer.alloc(31, 1).toString('base64'),
      Buffer.alloc(33, 1).toString('base64'),
      `*${text(1)}`,
      'a'.repeat(64),
    ];
    for (const key of bad) {
      expect(() => parseSecretsKey(key)).toThrow(/^SECRETS_KEY must be 32 bytes in base64; [^A]*$/);
    }
  });

  it('opens what it sealed, in its place', () =>
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), fc.string(), (secret, place, elsewhere) => {
        fc.pre(place !== elsewhere);
        const keys = [parseSecretsKey(text(1)), parseSecretsKey(text(2))];
        for (const key of keys) {
          const sealed = sealSecret(key, iv, place, secret);
          expect(openSecret(keys, place, sealed)).toEqual(Buffer.from(secret));
          expect(() => openSecret(keys, elsewhere, sealed)).toThrow(SecretsKeyError);
        }
      }),
    ));

  it('is named as the cause when another one sealed, as tampering when something changed', () => {
    const [one, two] = [parseSecretsKey(text(1)), parseSecretsKey(text(2))];
    const sealed = sealSecret(one, iv, 'key a', Buffer.alloc(32));
    expect(() => openSecret([two], 'key a', sealed)).toThrow('key a in the key store is sealed with another SECRETS_KEY');
    sealed.writeUInt8(sealed.readUInt8(40) ^ 1, 40);
    expect(() => openSecret([one], 'key a', sealed)).toThrow('key a in the key store was tampered with');
  });
});
