import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { CallableNumber } from '../phone/number.ts';
import { isoCountry } from './countries.ts';

/** Digits of the area code where countries share a calling code. */
const AREA_DIGITS: Readonly<Record<string, number>> = { '1': 3, '7': 3, '44': 4 };
/** Numbers behind an area code that its plan gives to subscribers: one of them is enough to tell whose the area is. */
const SUBSCRIBERS = ['2345678', '5550123', '6234567', '9234567', '4123456'];

const byArea = (e164: string, callingCode: string): string | null => {
  const areaDigits = AREA_DIGITS[callingCode];
  if (areaDigits === undefined) return null;
  const area = e164.slice(0, 1 + callingCode.length + areaDigits);
  for (const subscriber of SUBSCRIBERS) {
    const plan = parsePhoneNumberFromString((area + subscriber).slice(0, e164.length))?.country;
    if (plan !== undefined) return isoCountry(plan);
  }
  return null;
};

/**
 * The country of ISO 3166 that a number is in (4.1): by its calling code, and by its area code where countries share that. Null where neither
 * tells, as for numbers of no country and for area codes that nobody has.
 */
export const countryOfNumber = ({ e164, country, callingCode }: Pick<CallableNumber, 'e164' | 'country' | 'callingCode'>): string | null =>
  country === null ? byArea(e164, callingCode) : isoCountry(country);
