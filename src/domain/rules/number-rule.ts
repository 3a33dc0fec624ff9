import { z } from 'zod';
import { readPattern } from './blocked-pattern.ts';
import { isCountry } from './countries.ts';

/** Bounds of a rule's patterns: each in characters, and all of them together in instructions of the engine, which memory and time follow. */
const MOST_PATTERNS = 100;
const LONGEST_PATTERN = 200;
const MOST_INSTRUCTIONS = 10_000;

/** A number rule as it is stored. Its values were held by the bounds of their day. */
export const storedNumberRule = z.object({ countries: z.array(z.string()), blockedPatterns: z.array(z.string()) });
export type NumberRule = z.output<typeof storedNumberRule>;

const country = z
  .string()
  .refine(isCountry, 'must be a country’s code of two capital letters, as ISO 3166 has it')
  .meta({ examples: ['US'] });

const refuseRepeated = (values: readonly string[], context: z.RefinementCtx): void => {
  for (const [index, value] of values.entries())
    if (values.indexOf(value) < index) context.addIssue({ code: 'custom', path: [index], message: 'stands there twice' });
};

/** One that is too large ends the reading: it has cost enough. */
const refuseUnusable = (patterns: readonly string[], context: z.RefinementCtx): void => {
  let instructions = 0;
  for (const [index, pattern] of patterns.entries()) {
    const read = readPattern(pattern);
    if ('fault' in read) {
      const where = read.position === null ? '' : ` at character ${read.position}`;
      context.addIssue({ code: 'custom', path: [index], message: `can’t be used${where}: ${read.fault}` });
      continue;
    }
    instructions += read.size;
    if (instructions <= MOST_INSTRUCTIONS) continue;
    const message = `makes the rule’s patterns too large: they come to more than ${MOST_INSTRUCTIONS} steps. Count less often`;
    context.addIssue({ code: 'custom', path: [index], message });
    return;
  }
};

/** A number rule as it is saved (4.1). Countries are a set; patterns are tested in their order. */
export const numberRule = z.strictObject({
  countries: z
    .array(country)
    .min(1)
    .max(300)
    .superRefine(refuseRepeated)
    .transform((codes) => [...codes].sort())
    .describe('Countries of ISO 3166 that may be called'),
  blockedPatterns: z
    .array(z.string().min(1).max(LONGEST_PATTERN))
    .max(MOST_PATTERNS)
    .superRefine(refuseRepeated)
    .superRefine(refuseUnusable)
    .default([])
    .describe('Regular expressions, not anchored, that are tested on the digits without +, in a linear-time engine (RE2)'),
});
