import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keyedHash } from '../../src/keys/keyed-hash.ts';

const hashKey = Buffer.alloc(32, 7);
const words = fc.array(fc.string({ maxLength: 5 }), { minLength: 1, maxLength: 4 });
const hash = ([label = '', ...parts]: readonly string[], key = hashKey) => keyedHash(key, label, ...parts);

it('is the same for the same label and parts, and fit for an id', () =>
  fc.assert(
    fc.property(words, (all) => {
      expect(hash(all)).toBe(hash([...all]));
      expect(hash(all)).toMatch(/^[A-Za-z0-9_-]{43}$/);
    }),
  ));

it('differs when label, parts, or only their borders differ', () =>
  fc.assert(
    fc.property(words, words, (a, b) => {
      fc.pre(JSON.stringify(a) !== JSON.stringify(b));
      expect(hash(a)).not.toBe(hash(b));
    }),
  ));

it('tells parts apart that read the same when joined', () => {
  expect(hash(['l', 'a', 'bc'])).not.toBe(hash(['l', 'ab', 'c']));
  expect(hash(['l', 'a'])).not.toBe(hash(['l', 'a', '']));
  expect(hash(['la', 'b'])).not.toBe(hash(['l', 'ab']));
});

it('can not be made without the hash key', () => expect(hash(['l', 'a'], Buffer.alloc(32, 8))).not.toBe(hash(['l', 'a'])));
