import { isZone, zoneOf } from '../time/zone.ts';
import type { CallableNumber } from './number.ts';
import { zonePrefixes } from './zone-prefixes.ts';

const LONGEST = 15;
const HALF_MONTH_MS = 14 * 86_400_000;
const YEAR_IN_HALF_MONTHS = 27;

const byPrefix: ReadonlyMap<string, readonly string[]> = new Map(
  zonePrefixes
    .trim()
    .split(/; |\n/)
    .flatMap((line) => {
      const [zones = '', prefixes = ''] = line.split(': ');
      const known = zones.split(' ').filter(isZone);
      return prefixes.split(' ').map((prefix): [string, readonly string[]] => [prefix, known]);
    }),
);

const GEOGRAPHIC = new Set(['FIXED_LINE', 'FIXED_LINE_OR_MOBILE']);
/** Calling codes of countries whose mobile numbers belong to a place, as libphonenumber has it: MX, AR, BR, ID, CN. */
const GEOGRAPHIC_MOBILE = new Set(['52', '54', '55', '62', '86']);

/**
 * The time zones that a number may be in: of one that belongs to a place those of its first digits, of another all those of its calling code.
 * None where they tell nothing.
 */
export const zonesOfNumber = ({ e164, callingCode, type }: Pick<CallableNumber, 'e164' | 'callingCode' | 'type'>): readonly string[] => {
  const hasPlace = type === null || GEOGRAPHIC.has(type) || (type === 'MOBILE' && GEOGRAPHIC_MOBILE.has(callingCode));
  const digits = hasPlace ? e164.replace(/\D/g, '') : callingCode;
  for (let length = Math.min(digits.length, LONGEST); length > 0; length--) {
    const zones = byPrefix.get(digits.slice(0, length));
    if (zones !== undefined) return zones;
  }
  return [];
};

/** Zones without those whose clocks show the same as another's through the year from `instant` (epoch ms) on. */
export const distinctClocks = (zones: readonly string[], instant: number): readonly string[] => {
  if (zones.length < 2) return zones;
  const clocks = new Map<string, string>();
  for (const name of zones) {
    const zone = zoneOf(name);
    const offsets = Array.from({ length: YEAR_IN_HALF_MONTHS }, (_, n) => zone.stretchAt(instant + n * HALF_MONTH_MS).offset);
    const key = offsets.join(' ');
    if (!clocks.has(key)) clocks.set(key, name);
  }
  return [...clocks.values()];
};
