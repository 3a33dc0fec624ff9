import type { CallableNumber } from '../phone/number.ts';
import { type BlockedPattern, readPattern } from './blocked-pattern.ts';
import { countryOfNumber } from './country-of-number.ts';
import type { NumberRule } from './number-rule.ts';

export const verdicts = [
  'COUNTRY_UNDETERMINED',
  'COUNTRY_NOT_PERMITTED',
  'BLOCKED_BY_PATTERN',
  'PREMIUM_NUMBER',
  'PASSED',
  'PASSED_NO_PATTERNS',
] as const;

/** What a number rule says of a number. `country` is a code of ISO 3166; `pattern` counts from 1. */
export type NumberVerdict =
  | { readonly verdict: 'COUNTRY_UNDETERMINED' }
  | { readonly verdict: 'COUNTRY_NOT_PERMITTED' | 'PREMIUM_NUMBER' | 'PASSED' | 'PASSED_NO_PATTERNS'; readonly country: string }
  | { readonly verdict: 'BLOCKED_BY_PATTERN'; readonly country: string; readonly pattern: number };

const read = new WeakMap<NumberRule, readonly BlockedPattern[]>();

/** A rule's patterns, read once. Each was found usable when the rule was saved; throws for one that isn't any more. */
const patternsOf = (rule: NumberRule): readonly BlockedPattern[] => {
  const known = read.get(rule);
  if (known !== undefined) return known;
  const patterns = rule.blockedPatterns.map((pattern) => {
    const one = readPattern(pattern);
    if ('fault' in one) throw new Error(`a saved pattern can't be read any more: ${one.fault}`);
    return one;
  });
  read.set(rule, patterns);
  return patterns;
};

/** Tests a number that can be read (4.1): its country, only then the patterns in their order, only then whether it is a premium number. */
export const testNumber = (rule: NumberRule, number: CallableNumber): NumberVerdict => {
  const country = countryOfNumber(number);
  if (country === null) return { verdict: 'COUNTRY_UNDETERMINED' };
  if (!rule.countries.includes(country)) return { verdict: 'COUNTRY_NOT_PERMITTED', country };
  const digits = number.e164.slice(1);
  const blocking = patternsOf(rule).findIndex(({ matches }) => matches(digits));
  if (blocking >= 0) return { verdict: 'BLOCKED_BY_PATTERN', country, pattern: blocking + 1 };
  if (number.type === 'PREMIUM_RATE') return { verdict: 'PREMIUM_NUMBER', country };
  return { verdict: rule.blockedPatterns.length === 0 ? 'PASSED_NO_PATTERNS' : 'PASSED', country };
};

/** Whether a number of this verdict may be booked: a premium number may not (1.5). */
export const isAllowed = ({ verdict }: NumberVerdict): boolean => verdict === 'PASSED' || verdict === 'PASSED_NO_PATTERNS';
