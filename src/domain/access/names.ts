import { z } from 'zod';
import { nameProblem } from '../kit/text.ts';

export const LONGEST_NAME = 128;

/**
 * A name of a key, user, group or folder: 1 to 128 characters, in Unicode's composed form, and none that `nameProblem` refuses.
 */
export const accessName = z
  .string()
  .min(1)
  .max(LONGEST_NAME)
  .check(({ value, issues }) => {
    const message = nameProblem(value);
    if (message !== undefined) issues.push({ code: 'custom', message, input: value });
  })
  .transform((name) => name.normalize('NFC'));

const SHAPE = /^https?:\/\/[^\s/\\?#@*]+$/i;

/** The origin as browsers send it, lower case and without a default port; undefined for what is no single origin of http or https. */
const originOf = (text: string): string | undefined => {
  if (!SHAPE.test(text) || !URL.canParse(text)) return undefined;
  const { origin } = new URL(text);
  return origin === 'null' || origin.includes('*') ? undefined : origin;
};

/** An origin that a key's pages may have (8.3): scheme, host and port, nothing else. */
export const origin = z
  .string()
  .max(300)
  .transform((text, context) => {
    const read = originOf(text);
    if (read !== undefined) return read;
    const message = 'must be an origin such as https://www.example.com: no path, no wildcard, no user';
    context.addIssue({ code: 'custom', message, input: text });
    return z.NEVER;
  });
