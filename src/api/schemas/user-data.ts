import { z } from 'zod';

const LIMIT_BYTES = 32 * 1024;
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
const reserved: ReadonlySet<string> = new Set(
  `await break case catch class const continue debugger default delete do else enum export extends false finally for function if import
  in instanceof new null return super switch this throw true try typeof var void while with yield`.split(/\s+/),
);

/** Whether a key is an identifier of JavaScript; others are ignored (1.11). */
export const isIdentifier = (key: string): boolean => IDENTIFIER.test(key) && !reserved.has(key);

/** userData as it is kept (1.11): without keys that aren't identifiers, at most 32 KiB of JSON. */
export const userData = z
  .record(z.string(), z.unknown())
  .transform((data) => Object.fromEntries(Object.entries(data).filter(([key]) => isIdentifier(key))))
  .refine((data) => Buffer.byteLength(JSON.stringify(data)) <= LIMIT_BYTES, `must be at most ${LIMIT_BYTES} bytes of JSON`)
  .describe('What the contact center gets with the call. Keys that are not JavaScript identifiers are ignored; at most 32 KiB');
