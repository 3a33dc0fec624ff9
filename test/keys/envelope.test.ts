import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EnvelopeError, openEnvelope, sealEnvelope } from '../../src/keys/envelope.ts';

const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
const fields = fc.dictionary(fc.string(), fc.jsonValue()).map((value): Record<string, unknown> => JSON.parse(JSON.stringify(value)));
const place = fc.record({ keyId: fc.string(), type: fc.string() });

describe('an envelope', () => {
  it('opens to what was sealed', () =>
    fc.assert(
      fc.property(bytes(32), bytes(12), place, fields, (key, iv, where, content) => {
        expect(openEnvelope(key, where, sealEnvelope(key, iv, where, content))).toEqual(content);
      }),
    ));

  it('is undefined when its key is lost', () =>
    fc.assert(
      fc.property(bytes(32), bytes(12), place, fields, (key, iv, where, content) => {
        expect(openEnvelope(undefined, where, sealEnvelope(key, iv, where, content))).toBeUndefined();
      }),
    ));

  it('opens under no other key, for no other key id, in no other type of event', () =>
    fc.assert(
      fc.property(bytes(32), bytes(32), bytes(12), place, place, fields, (key, otherKey, iv, where, elsewhere, content) => {
        fc.pre(Buffer.compare(key, otherKey) !== 0 && (where.keyId !== elsewhere.keyId || where.type !== elsewhere.type));
        const envelope = sealEnvelope(key, iv, where, content);
        expect(() => openEnvelope(otherKey, where, envelope)).toThrow(EnvelopeError);
        expect(() => openEnvelope(key, elsewhere, envelope)).toThrow(EnvelopeError);
      }),
    ));

  it('does not open once a bit has changed, whichever, or a part is missing', () =>
    fc.assert(
      fc.property(bytes(32), bytes(12), place, fields, fc.nat(), (key, iv, where, content, n) => {
        const sealed = Buffer.from(sealEnvelope(key, iv, where, content), 'base64');
        const bit = n % (sealed.length * 8);
        const changed = Buffer.from(sealed);
        changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect(() => openEnvelope(key, where, changed.toString('base64'))).toThrow(EnvelopeError);
        expect(() => openEnvelope(key, where, sealed.subarray(0, n % sealed.length).toString('base64'))).toThrow(EnvelopeError);
      }),
    ));

  it('is refused when it is no base64, or has letters put between', () => {
    const [key, where] = [Buffer.alloc(32, 1), { keyId: 'k', type: 'CallbackBooked' }];
    const envelope = sealEnvelope(key, Buffer.alloc(12, 2), where, { a: 1 });
    for (const text of ['', '?', `${envelope}AAAA`, ` ${envelope}`, envelope.replace(/^./, '$&*')]) {
      expect(() => openEnvelope(key, where, text)).toThrow(EnvelopeError);
    }
  });

  it('shows nothing of what is in it, nor do its errors', () => {
    const where = { keyId: 'k', type: 'CallbackBooked' };
    const envelope = sealEnvelope(Buffer.alloc(32, 1), Buffer.alloc(12, 2), where, { phoneNumber: '+15550100' });
    expect(Buffer.from(envelope, 'base64').toString('latin1')).not.toContain('5550100');
    expect(() => openEnvelope(Buffer.alloc(32, 9), where, envelope)).toThrow(
      /^the envelope of a CallbackBooked under key k was tampered with$/,
    );
  });
});
