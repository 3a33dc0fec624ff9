import { ivBytes, openBytes, sealBytes } from './aes-gcm.ts';

/** The personal fields of one event, as JSON. */
export type PersonalFields = { readonly [field: string]: unknown };

/** Which key an envelope is sealed under, and which type of event it lies in: it opens nowhere else. */
export type EnvelopePlace = { readonly keyId: string; readonly type: string };

/** An envelope that isn't what was sealed in this place. Carries no content. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';
}

const version = 1;
const bound = ({ keyId, type }: EnvelopePlace) => JSON.stringify(['envelope', version, keyId, type]);

/** Seals personal fields under a callback's 32-byte key: base64 text of version, iv, tag and cipher text. `iv`: 12 random bytes. */
export const sealEnvelope = (key: Uint8Array, iv: Uint8Array, place: EnvelopePlace, fields: PersonalFields): string => {
  if (iv.length !== ivBytes) throw new RangeError(`an iv has ${ivBytes} bytes`);
  const sealed = sealBytes(key, iv, bound(place), Buffer.from(JSON.stringify(fields)));
  return Buffer.concat([Buffer.of(version), sealed]).toString('base64');
};

/** Opens an envelope; undefined when its key is lost. Throws EnvelopeError on anything that was changed, or moved from its place. */
export const openEnvelope = (key: Uint8Array | undefined, place: EnvelopePlace, envelope: string): PersonalFields | undefined => {
  if (key === undefined) return undefined;
  const bytes = Buffer.from(envelope, 'base64');
  const broken = (what: string) => new EnvelopeError(`the envelope of a ${place.type} under key ${place.keyId} ${what}`);
  if (bytes.toString('base64') !== envelope) throw broken('is no base64 text'); // Buffer.from skips over what isn't
  if (bytes[0] !== version) throw broken('has an unknown version');
  const plain = openBytes(key, bound(place), bytes.subarray(1));
  if (plain === undefined) throw broken('was tampered with');
  return JSON.parse(plain.toString());
};
