import fc from 'fast-check';
import { getCountries, getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, it } from 'vitest';
import { readAnyNumber } from '../../../src/domain/phone/number.ts';
import { countryOf, isCountry } from '../../../src/domain/rules/countries.ts';
import { countryOfNumber } from '../../../src/domain/rules/country-of-number.ts';
import { type NumberRule, numberRule } from '../../../src/domain/rules/number-rule.ts';
import { isAllowed, testNumber } from '../../../src/domain/rules/number-verdict.ts';

const number = (text: string) => {
  const read = readAnyNumber(text);
  if ('code' in read) throw new Error(read.code);
  return read;
};
const verdict = (rule: NumberRule, text: string) => testNumber(rule, number(text));
const rule = (countries: string[], ...blockedPatterns: string[]): NumberRule => ({ countries, blockedPatterns });

describe('the verdict of a number rule', () => {
  it('passes a number of a permitted country, naming it', () => {
    expect(verdict(rule(['US'], '18005555555'), '18005555554')).toEqual({ verdict: 'PASSED', country: 'US' });
    expect(verdict(rule(['US']), '18005555554')).toEqual({ verdict: 'PASSED_NO_PATTERNS', country: 'US' });
  });
  it('refuses another country, naming it, and tests no pattern then', () =>
    expect(verdict(rule(['US'], '.*'), '8445555555')).toEqual({ verdict: 'COUNTRY_NOT_PERMITTED', country: 'VN' }));
  it('names the first pattern that blocks, of the digits without +', () => {
    const blocking = rule(['US'], '^9', '^1800', '555');
    expect(verdict(blocking, '+1 (800) 555-5555')).toEqual({ verdict: 'BLOCKED_BY_PATTERN', country: 'US', pattern: 2 });
    expect(verdict(rule(['US'], '\\+'), '+18005555555')).toEqual({ verdict: 'PASSED', country: 'US' });
  });
  it('calls a premium number one only when nothing else is against it', () => {
    const premium = '+19002345678';
    expect(verdict(rule(['US'], '^1800'), premium)).toEqual({ verdict: 'PREMIUM_NUMBER', country: 'US' });
    expect(verdict(rule(['US'], '^1900'), premium)).toEqual({ verdict: 'BLOCKED_BY_PATTERN', country: 'US', pattern: 1 });
    expect(verdict(rule(['CA']), premium)).toEqual({ verdict: 'COUNTRY_NOT_PERMITTED', country: 'US' });
  });
  it.each(['+19995550100', '+80012345678', '+881612345678'])('can’t tell the country of %s', (text) =>
    expect(verdict(rule(['US'], '.*'), text)).toEqual({ verdict: 'COUNTRY_UNDETERMINED' }),
  );
  it('allows only what passed', () => {
    const all = ['COUNTRY_NOT_PERMITTED', 'PREMIUM_NUMBER', 'PASSED', 'PASSED_NO_PATTERNS'] as const;
    expect(all.filter((one) => isAllowed({ verdict: one, country: 'US' }))).toEqual(['PASSED', 'PASSED_NO_PATTERNS']);
    expect(isAllowed({ verdict: 'COUNTRY_UNDETERMINED' })).toBe(false);
    expect(isAllowed({ verdict: 'BLOCKED_BY_PATTERN', country: 'US', pattern: 1 })).toBe(false);
  });

  const plans = getCountries().flatMap((plan) => {
    const example = getExampleNumber(plan, examples);
    return example === undefined || example.country !== plan ? [] : [example.number.slice(1)];
  });
  const permitted = fc.subarray(['US', 'CA', 'DE', 'GB', 'KZ', 'RU', 'VN', 'FR'], { minLength: 1 });
  const patterns = fc.array(fc.stringMatching(/^\^?\d{1,3}$/), { maxLength: 4 });
  it('follows from the country, then the first pattern found in the digits, for numbers of every country', () =>
    fc.assert(
      fc.property(fc.constantFrom(...plans), permitted, patterns, (digits, countries, blockedPatterns) => {
        const { verdict: is, ...why } = verdict({ countries, blockedPatterns }, digits);
        const country = countryOfNumber(number(digits));
        const blocking = blockedPatterns.findIndex((one) => (one.startsWith('^') ? digits.startsWith(one.slice(1)) : digits.includes(one)));
        if (country === null || !countries.includes(country)) expect([is, why]).toEqual(['COUNTRY_NOT_PERMITTED', { country }]);
        else if (blocking >= 0) expect([is, why]).toEqual(['BLOCKED_BY_PATTERN', { country, pattern: blocking + 1 }]);
        else expect(is).toBe(blockedPatterns.length === 0 ? 'PASSED_NO_PATTERNS' : 'PASSED');
      }),
      { numRuns: 1_000 },
    ));
});

describe('the country of a number', () => {
  it.each([
    ['+1 212 555 0123', 'US'],
    ['+1 416 555 0100', 'CA'],
    ['+1 242 555 0100', 'BS'],
    ['+1 809 555 0100', 'DO'],
    ['+1 416 155 0100', 'CA'], // no such subscriber, but Toronto
    ['+1 212 155 0100', 'US'],
    ['+7 701 234 5678', 'KZ'],
    ['+7 495 123 4567', 'RU'],
    ['+7 495 000 0000', 'RU'],
    ['+44 1481 123456', 'GG'],
    ['+44 20 7946 0000', 'GB'],
    ['+247 40123', 'SH'],
    ['+383 49 123 456', 'XK'],
  ])('of %s is %s', (text, country) => expect(countryOfNumber(number(text))).toBe(country));

  it('is read from the calling code where there is no +', () => {
    expect(countryOfNumber(number('18005555555'))).toBe('US');
    expect(countryOfNumber(number('8445555555'))).toBe('VN');
    expect(readAnyNumber('+1 8445555555')).toMatchObject({ country: 'US' });
  });
  it('is always one that a rule can permit', () => {
    for (const plan of getCountries()) {
      const example = getExampleNumber(plan, examples);
      if (example === undefined) continue;
      const country = countryOfNumber(number(example.number));
      expect(country === null || isCountry(country), plan).toBe(true);
    }
  });
});

describe('a country', () => {
  it('has a name, and a calling code if somebody can be called there', () => {
    expect(countryOf('US')).toEqual({ code: 'US', name: 'United States of America', callingCode: '1' });
    expect(countryOf('BV')).toEqual({ code: 'BV', name: 'Bouvet Island', callingCode: null });
  });
});

describe('a number rule that is saved', () => {
  const faults = (body: unknown) => {
    const { error } = numberRule.safeParse(body);
    return error?.issues.map(({ path, message }) => [path.join('.'), message]) ?? [];
  };
  it('holds countries in order, and patterns as they came', () =>
    expect(numberRule.parse({ countries: ['US', 'BV'], blockedPatterns: ['^2', '^1'] })).toEqual(rule(['BV', 'US'], '^2', '^1')));
  it('needs no patterns', () => expect(numberRule.parse({ countries: ['US'] })).toEqual(rule(['US'])));
  it.each([
    ['no country', { countries: [] }, 'countries'],
    ['a country that there isn’t', { countries: ['US', 'XX'] }, 'countries.1'],
    ['a country in small letters', { countries: ['us'] }, 'countries.0'],
    ['a country twice', { countries: ['US', 'CA', 'US'] }, 'countries.2'],
    ['an empty pattern', { countries: ['US'], blockedPatterns: ['^1', ''] }, 'blockedPatterns.1'],
    ['a pattern that is too long', { countries: ['US'], blockedPatterns: ['1'.repeat(201)] }, 'blockedPatterns.0'],
    ['a pattern twice', { countries: ['US'], blockedPatterns: ['1', '1'] }, 'blockedPatterns.1'],
    ['too many patterns', { countries: ['US'], blockedPatterns: Array.from({ length: 101 }, (_, n) => `${n}`) }, 'blockedPatterns'],
    ['a pattern that counts too far', { countries: ['US'], blockedPatterns: ['1', '\\d{1000}'.repeat(25)] }, 'blockedPatterns.1'],
    ['patterns that are too large together', { countries: ['US'], blockedPatterns: manyLarge() }, 'blockedPatterns.9'],
  ])('refuses %s', (_, body, path) => expect(faults(body).map(([where]) => where)).toEqual([path]));
  it('says which character of which pattern the engine refuses, and why', () =>
    expect(faults({ countries: ['US'], blockedPatterns: ['^1', '1(?=2)', '1['] })).toEqual([
      ['blockedPatterns.1', 'can’t be used at character 2: invalid or unsupported Perl syntax'],
      ['blockedPatterns.2', 'can’t be used at character 2: missing closing ]'],
    ]));
  function manyLarge(): string[] {
    return Array.from({ length: 20 }, (_, n) => `${n}\\d{1000}`);
  }
});
