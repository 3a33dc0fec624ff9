import type { z } from 'zod';
import type { FieldError } from '../errors/failure.ts';
import { dottedPath, wording } from '../errors/field-errors.ts';
import { textOf } from '../file-text.ts';
import { MOST_LISTED } from './import-file.ts';
import { jsonPlaces } from './json-places.ts';

type Place = (path: readonly PropertyKey[]) => Required<Pick<FieldError, 'path' | 'line' | 'column'>>;
/** A file that fits its schema, and where a path lies in it; or everything that is wrong with it. */
export type ReadJson<T> =
  | { readonly ok: true; readonly value: T; readonly place: Place }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/** Where JSON breaks off, as far as the engine's message tells. */
const faultIn = (text: string, error: unknown): FieldError => {
  const at = Number(/position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? Number.NaN);
  const message = 'can’t be read as JSON: check quotes, commas and brackets';
  if (Number.isNaN(at)) return { path: '', line: text.trimEnd().split('\n').length, column: 1, message };
  const before = text.slice(0, at);
  return { path: '', line: before.split('\n').length, column: at - before.lastIndexOf('\n'), message };
};

/** Reads a file of JSON by its schema. Every error is given with its line and column. */
export const readJson = <T>(file: Uint8Array, schema: z.ZodType<T>): ReadJson<T> => {
  const decoded = textOf(file);
  if ('error' in decoded) return { ok: false, errors: [decoded.error] };
  const { text } = decoded;
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    return { ok: false, errors: [faultIn(text, error)] };
  }
  const places = jsonPlaces(text);
  const place: Place = (path) => ({ path: dottedPath(path), ...places(path) });
  const read = schema.safeParse(given, { error: wording });
  if (read.success) return { ok: true, value: read.data, place };
  const errors = read.error.issues.slice(0, MOST_LISTED + 1).flatMap(({ path, message, ...issue }): FieldError[] => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ ...place([...path, key]), message: 'is not a known field' }));
    return [{ ...place(path), message: path.length === 0 ? `the file ${message}` : message }];
  });
  return { ok: false, errors };
};
