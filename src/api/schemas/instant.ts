import { DateTime, IANAZone } from 'luxon';
import { z } from 'zod';

const FIRST = Date.parse('0000-01-01T00:00:00.000Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');
const LONGEST = 64;

const lies = (ms: number): boolean => ms >= FIRST && ms <= LAST;

/** An instant in a request: ISO 8601 with Z or an offset; read as epoch ms. Dates that no calendar has are refused. */
export const instant = z.iso
  .datetime({ offset: true, error: 'must be an instant such as 2026-03-01T10:00:00.000Z, on a day that exists' })
  .max(LONGEST)
  .refine((value) => lies(Date.parse(value)), { error: 'must lie in the years 0000 to 9999 UTC', abort: true })
  .transform((value) => Date.parse(value));

/** An IANA time zone. Offsets such as `+02:00` aren't zones. */
export const zone = z
  .string()
  .max(LONGEST)
  .refine((value) => /^[A-Za-z]/.test(value) && IANAZone.isValidZone(value), 'must be an IANA time zone such as Europe/Paris');

const OFFSET = /(Z|[+-]\d{2}:\d{2})$/;

/** Text that is an instant, or without an offset a local time in `zone`, as epoch ms; undefined where it is neither. */
export const instantIn = (value: string, zoneName: string | undefined): number | undefined => {
  const local = !OFFSET.test(value);
  if ((local && zoneName === undefined) || !z.iso.datetime({ local: true, offset: true }).safeParse(value).success) return undefined;
  const ms = DateTime.fromISO(value, { zone: zoneName ?? 'utc' }).toMillis();
  return lies(ms) ? ms : undefined;
};
