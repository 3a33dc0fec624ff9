import iso from 'i18n-iso-countries';
import { getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js/max';

/** A country of ISO 3166: its code of two letters, its English name, and its calling code, null where nobody can be called. */
export type Country = { readonly code: string; readonly name: string; readonly callingCode: string | null };

const codes: ReadonlySet<string> = new Set(Object.keys(iso.getAlpha2Codes()));

/** Numbering plans of their own that ISO 3166 counts to another entry: Ascension and Tristan da Cunha. */
const entryOf: Readonly<Record<string, string>> = { AC: 'SH', TA: 'SH' };

export const isCountry = (code: string): boolean => codes.has(code);

/** The entry of ISO 3166 that a numbering plan belongs to. */
export const isoCountry = (plan: string): string => entryOf[plan] ?? plan;

/** A country by its code; one that the list doesn't have any more goes by its code. */
export const countryOf = (code: string): Country => ({
  code,
  name: iso.getName(code, 'en') ?? code,
  callingCode: isSupportedCountry(code) ? getCountryCallingCode(code) : null,
});
