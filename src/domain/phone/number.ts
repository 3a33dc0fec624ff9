import { ParseError, type PhoneNumber, parsePhoneNumberWithError } from 'libphonenumber-js/max';

/** A number that can be called, and what reports may keep of it in clear. `area` is the area code where its plan has fixed ones. */
export type CallableNumber = {
  readonly e164: string;
  readonly country: string | null;
  readonly callingCode: string;
  readonly area: string | null;
  readonly type: string | null;
};
export type NumberRefusal = { readonly code: 'INVALID_NUMBER' | 'IMPOSSIBLE_NUMBER' | 'NUMBER_NOT_ALLOWED' };

const AREA_DIGITS: Readonly<Record<string, number>> = { '1': 3 };

const parse = (text: string): PhoneNumber | NumberRefusal => {
  const trimmed = text.trim();
  try {
    return parsePhoneNumberWithError(trimmed.startsWith('+') ? trimmed : `+${trimmed}`, { extract: false });
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return { code: error.message === 'TOO_SHORT' || error.message === 'TOO_LONG' ? 'IMPOSSIBLE_NUMBER' : 'INVALID_NUMBER' };
  }
};

const readPossible = (text: string): PhoneNumber | NumberRefusal => {
  const number = parse(text);
  return 'code' in number || number.isPossible() ? number : { code: 'IMPOSSIBLE_NUMBER' };
};

/** Reads a phone number as `readAnyNumber` does, in half the time: of what kind it is isn't looked up. */
export const readE164 = (text: string): Pick<CallableNumber, 'e164'> | NumberRefusal => {
  const number = readPossible(text);
  return 'code' in number ? number : { e164: number.number };
};

/** Reads a phone number, a premium one too, in the order of rule 10: unreadable, impossible. Without `+` it is read with its calling code (4.1). */
export const readAnyNumber = (text: string): CallableNumber | NumberRefusal => {
  const number = readPossible(text);
  if ('code' in number) return number;
  const type = number.getType() ?? null;
  const { country = null, countryCallingCode: callingCode, nationalNumber } = number;
  const digits = AREA_DIGITS[callingCode];
  return { e164: number.number, country, callingCode, area: digits === undefined ? null : nationalNumber.slice(0, digits), type };
};

/** Reads a phone number as `readAnyNumber` does, and refuses premium ones after that (10). Possible but not valid is accepted. */
export const readNumber = (text: string): CallableNumber | NumberRefusal => {
  const number = readAnyNumber(text);
  return 'e164' in number && number.type === 'PREMIUM_RATE' ? { code: 'NUMBER_NOT_ALLOWED' } : number;
};
