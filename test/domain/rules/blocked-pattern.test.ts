import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPattern } from '../../../src/domain/rules/blocked-pattern.ts';

const matches = (pattern: string, digits: string): boolean => {
  const read = readPattern(pattern);
  if ('fault' in read) throw new Error(read.fault);
  return read.matches(digits);
};

describe('a blocked pattern', () => {
  it('is not anchored', () => {
    expect(matches('555', '18005555555')).toBe(true);
    expect(matches('^555', '18005555555')).toBe(false);
    expect(matches('^1234[0-9]+', '12345')).toBe(true);
  });

  it('made of digits alone matches the numbers that hold them', () =>
    fc.assert(
      fc.property(fc.stringMatching(/^\d{1,5}$/), fc.stringMatching(/^\d{4,15}$/), (part, digits) => {
        expect(matches(part, digits)).toBe(digits.includes(part));
      }),
    ));

  it.each(['^(1+)+$', '(1|1?)*(1|1?)*(1|1?)*$', '((1*)*)*2', '^(1|11|111)*(1|11|111)*2$', '(?:1?){30}1{30}'])(
    '%s, on which engines that backtrack hang, is answered',
    (pattern) => {
      expect(matches(`${pattern}x`, '1'.repeat(5_000))).toBe(false);
    },
  );

  it.each([
    ['(?=1)2', 'invalid or unsupported Perl syntax', 1],
    ['^1(?!900)', 'invalid or unsupported Perl syntax', 3],
    ['(1)\\1', 'invalid escape sequence', 4],
    ['1(2', 'missing closing )', 2],
    ['[(](1)(2', 'missing closing )', 7],
    ['\\(1)2', 'unexpected )', 4],
    ['1[23', 'missing closing ]', 2],
    ['1[9-2]', 'invalid character class range', 3],
    ['1{3}2{1001}', 'invalid repeat count', 6],
    ['1**', 'invalid nested repetition operator', 2],
    ['[(?=]1(?=2)', 'invalid or unsupported Perl syntax', 7],
    ['+1', 'missing argument to repetition operator', 1],
    ['12\\', 'trailing backslash at end of expression', 3],
    ['é😀(?<=1)', 'invalid named capture', 3],
  ])('%s is refused, saying why and where', (pattern, fault, position) => {
    expect(readPattern(pattern)).toEqual({ fault, position });
  });

  it('is either read or refused with a place inside it, whatever it is', () =>
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'()[]{}?*+^$|\\-,:=<!PQEdn109a'), maxLength: 12 }), (pattern) => {
        const read = readPattern(pattern);
        if (!('fault' in read)) return;
        expect(read.fault).not.toBe('');
        if (read.position === null) return;
        expect(read.position).toBeGreaterThanOrEqual(1);
        expect(read.position).toBeLessThanOrEqual(pattern.length);
      }),
      { numRuns: 2_000 },
    ));
});
