import { type ErrorName, type ErrorRow, errors } from './table.ts';

/**
 * What is wrong with one field. `path` is as in `pushTargets[0].target`; a header or query parameter stands under its own name. `line` and
 * `column` count from 1, where the body is a file: characters of JSON, cells of CSV.
 */
export type FieldError = { readonly path: string; readonly message: string; readonly line?: number; readonly column?: number };

/** What a case adds to its row of the table: fields, values for the placeholders, headers, and parts of the body beside `status`. */
export type FailureDetails = {
  readonly errors?: readonly FieldError[];
  readonly values?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly beside?: Readonly<Record<string, unknown>>;
};

/** An answer of the table of errors, thrown where the request ends. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly row: ErrorRow;
  readonly error: ErrorName;
  readonly details: FailureDetails;

  constructor(error: ErrorName, details: FailureDetails = {}) {
    super(error);
    this.error = error;
    this.row = errors[error];
    this.details = details;
  }
}

/** The row's sentence with its placeholders filled, without the parts that count nothing. */
export const sentence = ({ row, details: { values = {} } }: Failure): string =>
  row.message
    .replace(/\[([^\]]*\{(\w+)\}[^\]]*)\]/g, (_, part: string, name: string) => (Number(values[name] ?? 0) === 0 ? '' : part))
    .replace(/\{(\w+)\}/g, (placeholder, name: string) => String(values[name] ?? placeholder));
