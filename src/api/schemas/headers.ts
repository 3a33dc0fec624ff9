import { z } from 'zod';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Header values arrive byte by byte; most programs send UTF-8. */
const decoded = (value: string): string => {
  try {
    return utf8.decode(Buffer.from(value, 'latin1'));
  } catch {
    return value;
  }
};

const reason = z.string().transform(decoded).pipe(z.string().max(200)).describe('Why, in words: kept with the change').optional();

/** The headers of any change. */
export const changeHeaders = z.looseObject({ 'x-reason': reason });

/** The headers of a booking. */
export const bookingHeaders = changeHeaders.extend({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .describe('The same key and body find the first booking again instead of making another')
    .optional(),
});

/** The headers of a change to a resource with an etag. */
export const guardedHeaders = changeHeaders.extend({
  'if-match': z.string().max(200).describe('The etag that is changed, or * for any').optional(),
  'if-none-match': z.literal('*').describe('Only create').optional(),
});

/** The headers of a list. */
export const listHeaders = z.looseObject({
  'x-position': z
    .string()
    .regex(/^\d{1,19}$/, 'must be a position as a write answered it')
    .transform(BigInt)
    .describe('Wait until the list shows this position, at most 2 s')
    .optional(),
});
