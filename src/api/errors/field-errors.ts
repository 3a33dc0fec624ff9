import type { z } from 'zod';
import type { FieldError } from './failure.ts';

const MOST_ERRORS = 50;
const PLAIN = /^[\p{ID_Start}_$][\p{ID_Continue}$-]*$/u;

/** A path as people write it: `pushTargets[0].channel`, `userData["a b"]`. */
export const dottedPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((before, part) => {
    if (typeof part === 'number') return `${before}[${part}]`;
    const name = String(part);
    if (!PLAIN.test(name)) return `${before}[${JSON.stringify(name)}]`;
    return before === '' ? name : `${before}.${name}`;
  }, '');

const flat = ({ path, message, ...issue }: z.core.$ZodIssue): FieldError[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ path: dottedPath([...path, key]), message: 'is not a known field' }))
    : [{ path: dottedPath(path), message: path.length === 0 ? `the body ${message}` : message }];

/** What zod found wrong: the first thing about each field; at most 50. */
export const fieldErrors = (error: z.core.$ZodError): readonly FieldError[] => {
  const byPath = new Map<string, FieldError>();
  for (const one of error.issues.flatMap(flat)) if (!byPath.has(one.path)) byPath.set(one.path, one);
  return [...byPath.values()].slice(0, MOST_ERRORS);
};

const kinds: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'an array',
  null: 'null',
};
const units: Readonly<Record<string, string>> = { string: ' characters', array: ' items' };

const bound = (
  issue: { origin: string; inclusive?: boolean | undefined },
  atLeastOrMost: string,
  moreOrLess: string,
  limit: number | bigint,
) =>
  `must ${issue.origin in units ? 'have' : 'be'} ${issue.inclusive === false ? moreOrLess : atLeastOrMost} ${limit}${units[issue.origin] ?? ''}`;

/** Says what is wrong in words that continue the field's name, and never repeats the value that came. Undefined leaves it to zod. */
export const wording: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is required';
      return `must be ${kinds[issue.expected] ?? `of type ${issue.expected}`}`;
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return bound(issue, 'at most', 'less than', issue.maximum);
    case 'too_small':
      return bound(issue, 'at least', 'more than', issue.minimum);
    case 'invalid_union':
      return issue.input === undefined ? 'is required' : 'has none of the forms that this field takes';
    default:
      return undefined;
  }
};
