import { randomBytes } from 'node:crypto';
import { ivBytes } from './aes-gcm.ts';
import { openEnvelope, type PersonalFields, sealEnvelope } from './envelope.ts';
import type { Keyring } from './keyring.ts';

/** Personal data was to be sealed under a key that is lost: its owner was erased meanwhile. */
export class KeyLostError extends Error {
  override readonly name = 'KeyLostError';
}

/** Seals and opens the personal fields of events by the id of their key. `open` answers undefined once the key is lost. */
export const keyringSealer = (keyring: Pick<Keyring, 'keyOf' | 'hash'>, random: (bytes: number) => Buffer = randomBytes) => ({
  seal: async (keyId: string, type: string, fields: PersonalFields): Promise<string> => {
    const key = await keyring.keyOf(keyId);
    if (key === undefined) throw new KeyLostError(`key ${keyId} is lost: nothing can be sealed under it`);
    return sealEnvelope(key, random(ivBytes), { keyId, type }, fields);
  },
  hash: keyring.hash,
  open: async (keyId: string, type: string, sealed: string): Promise<PersonalFields | undefined> =>
    openEnvelope(await keyring.keyOf(keyId), { keyId, type }, sealed),
});
