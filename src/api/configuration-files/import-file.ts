import type { ImportPart, ImportProblem, Wanted } from '../../domain/configuration/import-wanted.ts';
import type { FieldError } from '../errors/failure.ts';

/** Where something stands in a file; null for what isn't in it. */
export type Locate = (part: ImportPart, name: string, field: string | undefined) => Pick<FieldError, 'path' | 'line' | 'column'> | null;

/** A file that was read: what it wants, and where it says so; or everything that is wrong with it. */
export type ReadFile =
  | { readonly ok: true; readonly wanted: Wanted; readonly locate: Locate }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/** Bounds: rows of a file, and errors that are listed. */
export const MOST_ROWS = 10_000;
export const MOST_LISTED = 100;

/** What the domain found wrong, where the file says it; of what isn't in the file, its name. */
export const errorIn = (locate: Locate, { part, name, field, message }: ImportProblem): FieldError => {
  const place = locate(part, name, field);
  return place === null ? { path: `${part}[${JSON.stringify(name)}]`, message } : { ...place, message };
};
