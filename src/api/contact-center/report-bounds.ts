import { z } from 'zod';
import { name } from '../schemas/text.ts';

/** What every report of the contact center says of itself (7.1). */
export const reportOf = {
  source: name(128).describe('Who reports: each source counts its own reports'),
  sequence: z.int().min(0).describe('Grows from report to report of a source; one not above the last is 409 and changes nothing'),
  full: z.boolean().default(true).describe('False: what the report leaves out is as it was'),
};

/** A check that no two of an array have the same key. */
export const eachOnce =
  <T>(keyOf: (item: T) => string, path: string) =>
  (context: z.core.ParsePayload<T[]>): void => {
    const seen = new Set<string>();
    for (const [index, item] of context.value.entries()) {
      const key = keyOf(item);
      if (seen.has(key)) context.issues.push({ code: 'custom', path: [index, path], message: 'is there twice', input: key });
      seen.add(key);
    }
  };
