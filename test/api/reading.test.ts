import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/api/idempotency.ts';
import { bookingHeaders, changeHeaders } from '../../src/api/schemas/headers.ts';
import { instant, instantIn, zone } from '../../src/api/schemas/instant.ts';
import { isIdentifier, userData } from '../../src/api/schemas/user-data.ts';

const accepts = (schema: { safeParse: (value: unknown) => { success: boolean } }) => (value: unknown) => schema.safeParse(value).success;

describe('userData', () => {
  it('keeps keys that are JavaScript identifiers, and drops the rest', () => {
    const kept = ['a', '_', '$x', 'été', 'ключ', 'a1', 'of', 'undefined'];
    const dropped = ['', '1a', 'a b', 'a-b', 'a.b', 'class', 'null', 'await', 'a\n', '\u{1F600}', ' a'];
    expect(userData.parse(Object.fromEntries([...kept, ...dropped].map((key) => [key, 1])))).toEqual(
      Object.fromEntries(kept.map((key) => [key, 1])),
    );
  });

  it('agrees with the engine on what an identifier is', () => {
    const engine = (key: string): boolean => {
      try {
        new Function(`var ${key};`);
        return true;
      } catch {
        return false;
      }
    };
    const word = fc.stringMatching(/^[\p{L}\p{N}\p{Pc}\p{Mn}$\u200c\u200d]{1,4}$/u);
    fc.assert(
      fc.property(word, (key) => {
        expect(isIdentifier(key)).toBe(engine(key));
      }),
    );
  });

  it('is at most 32 KiB, counted as what is kept', () => {
    const rest = JSON.stringify({ a: '' }).length;
    expect(accepts(userData)({ a: 'x'.repeat(32 * 1024 - rest) })).toBe(true);
    expect(accepts(userData)({ a: 'x'.repeat(32 * 1024 - rest + 1) })).toBe(false);
    expect(accepts(userData)({ a: 'é'.repeat(16 * 1024) })).toBe(false);
    expect(accepts(userData)({ a: 1, 'dropped key': 'x'.repeat(40_000) })).toBe(true);
  });

  it.each([[[]], ['text'], [1], [null], [true]])('is an object, not %j', (value) => expect(accepts(userData)(value)).toBe(false));
});

describe('an instant', () => {
  it.each([
    ['2026-03-02T10:00:00.000Z', '2026-03-02T10:00:00.000Z'],
    ['2026-03-02T10:00:00Z', '2026-03-02T10:00:00.000Z'],
    ['2026-03-02T10:00:00.123456789Z', '2026-03-02T10:00:00.123Z'],
    ['2026-03-02T12:00:00+02:00', '2026-03-02T10:00:00.000Z'],
    ['2024-02-29T00:00:00-05:30', '2024-02-29T05:30:00.000Z'],
  ])('%s is %s', (text, meant) => expect(instant.parse(text)).toBe(Date.parse(meant)));

  it.each([
    ['2026-02-29T10:00:00Z'],
    ['2026-02-30T10:00:00Z'],
    ['2026-13-01T10:00:00Z'],
    ['2026-03-02T24:01:00Z'],
    ['2026-03-02T10:60:00Z'],
    ['2026-03-02T10:00:00'],
    ['2026-03-02'],
    ['10:00'],
    ['tomorrow'],
    [''],
    ['0000-01-01T00:00:00+01:00'],
    ['9999-12-31T23:59:59-05:00'],
    ['+275760-09-13T00:00:00Z'],
    [`2026-03-02T10:00:00.${'0'.repeat(100)}Z`],
    [1_772_445_600_000],
    [null],
    [{}],
  ])('is not %j', (value) => expect(accepts(instant)(value)).toBe(false));

  it('without an offset is local to a zone, and nothing without one', () => {
    expect(instantIn('2026-07-01T12:00:00', 'Europe/Paris')).toBe(Date.parse('2026-07-01T10:00:00Z'));
    expect(instantIn('2026-07-01T12:00:00Z', 'Europe/Paris')).toBe(Date.parse('2026-07-01T12:00:00Z'));
    expect(instantIn('2026-07-01T12:00:00', undefined)).toBeUndefined();
    expect(instantIn('2026-02-30T12:00:00', 'Europe/Paris')).toBeUndefined();
  });
});

describe('a zone', () => {
  it.each(['UTC', 'Europe/Paris', 'Asia/Kathmandu', 'Australia/Lord_Howe'])('may be %s', (name) => expect(accepts(zone)(name)).toBe(true));
  it.each(['', 'Europe/Nowhere', '+02:00', 'UTC+2', '../etc', 'Europe/Paris '])('is not %j', (name) =>
    expect(accepts(zone)(name)).toBe(false),
  );
});

describe('an Idempotency-Key', () => {
  const key = (value: string) => accepts(bookingHeaders)({ 'idempotency-key': value });
  it('is 1 to 255 visible ASCII characters', () => {
    expect(key('!~')).toBe(true);
    expect(key('k'.repeat(255))).toBe(true);
    for (const wrong of ['', 'k'.repeat(256), 'a b', 'é', 'a\t']) expect(key(wrong)).toBe(false);
  });

  it('goes with a body whatever the order of its keys, and without its CAPTCHA token', () => {
    expect(canonicalJson({ b: [{ y: 1, x: 2 }], a: null, captchaToken: 't' })).toBe(canonicalJson({ a: null, b: [{ x: 2, y: 1 }] }));
    expect(canonicalJson({ a: 1 })).not.toBe(canonicalJson({ a: '1' }));
    expect(canonicalJson({ a: [1, 2] })).not.toBe(canonicalJson({ a: [2, 1] }));
    expect(canonicalJson({ a: { captchaToken: 1 } })).not.toBe(canonicalJson({ a: {} }));
  });

  it('reads back as the body it came with', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (body) => {
        const { captchaToken: _, ...rest } = { captchaToken: 0, ...body };
        expect(JSON.parse(canonicalJson(body))).toEqual(JSON.parse(JSON.stringify(rest)));
      }),
    );
  });
});

describe('a reason', () => {
  const read = (value: string) => changeHeaders.safeParse({ 'x-reason': value }).data?.['x-reason'];
  it('is read as UTF-8, or as Latin-1 where it is none', () => {
    expect(read(Buffer.from('müde', 'utf8').toString('latin1'))).toBe('müde');
    expect(read('müde')).toBe('müde');
  });
  it('has at most 200 characters', () => {
    expect(read('x'.repeat(200))).toHaveLength(200);
    expect(read('x'.repeat(201))).toBeUndefined();
  });
});
