import { z } from 'zod';
import { readCsv } from '../csv.ts';
import type { FieldError } from '../errors/failure.ts';
import { fieldErrors, wording } from '../errors/field-errors.ts';
import { type ImportRow, importColumns, importRow, rowOfCells } from './import-row.ts';

/** Rows of one file. */
export const MOST_ROWS = 10_000;

/** Where a row stands: its number from 1, and in a CSV file the line that it begins on. */
export type Place = { readonly row: number; readonly line: number | null };
export type ReadRow = Place & { readonly value: ImportRow };
/** What is wrong with a row; 0 is the file itself. */
export type RowError = FieldError & { readonly row: number };
/** The rows that could be read, what was wrong with others, and where a field of a row stands. */
export type ReadFile = {
  readonly rows: readonly ReadRow[];
  readonly errors: readonly RowError[];
  readonly at: (place: Place, path: string) => Omit<RowError, 'message'>;
};

/** Errors of one file in the order of its lines, or of its rows where it has no lines. */
export const inOrder = (errors: readonly RowError[]): readonly FieldError[] =>
  [...errors]
    .sort((a, b) => (a.line ?? a.row) - (b.line ?? b.row) || (a.column ?? 0) - (b.column ?? 0))
    .map(({ row: _, ...error }) => error);

/** A reference that is there twice would be two callbacks of one id. */
const twice = (rows: readonly ReadRow[], at: ReadFile['at']): readonly RowError[] => {
  const first = new Map<string, ReadRow>();
  return rows.flatMap((row) => {
    const before = first.get(row.value.reference);
    if (before === undefined) {
      first.set(row.value.reference, row);
      return [];
    }
    return [
      {
        ...at(row, 'reference'),
        message: before.line === null ? `is that of row ${before.row}, too` : `is that of line ${before.line}, too`,
      },
    ];
  });
};

const read = (values: readonly (Place & { readonly value: unknown })[], at: ReadFile['at']): ReadFile => {
  const rows: ReadRow[] = [];
  const errors: RowError[] = [];
  for (const { value, ...place } of values) {
    const parsed = importRow.safeParse(value, { error: wording });
    if (parsed.success) rows.push({ ...place, value: parsed.data });
    else errors.push(...fieldErrors(parsed.error).map(({ path, message }) => ({ ...at(place, path), message })));
  }
  return { rows, errors: [...errors, ...twice(rows, at)], at };
};

/** Reads a CSV file with a line of columns. What the columns are called is repeated in no error: it may be somebody’s number. */
export const readCsvFile = async (file: Buffer): Promise<ReadFile> => {
  const { records, fault } = await readCsv(file, MOST_ROWS + 1);
  const [header, ...others] = records;
  const columns = (header?.cells ?? []).map((cell) => cell.trim());
  const at: ReadFile['at'] = ({ row, line }, path) => {
    const column = columns.indexOf(path.split(/[.[]/)[0] ?? '') + 1;
    return { row, path, ...(line === null ? {} : { line }), column: Math.max(column, 1) };
  };
  const inHeader = (column: number, path: string, message: string): RowError => ({
    ...{ row: 0, path, line: header?.line ?? 1, column, message },
  });
  const wrongHeader = [
    ...columns.flatMap((column, index) => {
      if (!importColumns.includes(column))
        return [inHeader(index + 1, '', `is not a column of callbacks; they are ${importColumns.join(', ')}`)];
      return columns.indexOf(column) < index ? [inHeader(index + 1, column, 'is a column that is there twice')] : [];
    }),
    ...['reference', 'serviceName', 'phoneNumber'].flatMap((column) =>
      columns.includes(column) || (fault !== undefined && header === undefined) ? [] : [inHeader(1, column, 'is a column that is missing')],
    ),
  ];
  const faults = fault === undefined ? [] : [{ ...fault, row: 0 }];
  if (wrongHeader.length > 0 || header === undefined) return { rows: [], errors: [...wrongHeader, ...faults], at };
  const uneven = others.flatMap(({ cells, line }, index) =>
    cells.length === columns.length
      ? []
      : [
          {
            row: index + 1,
            path: '',
            line,
            column: Math.min(cells.length, columns.length) + 1,
            message: `the row has ${cells.length} cells instead of ${columns.length}`,
          },
        ],
  );
  const even = others.flatMap(({ cells, line }, index) =>
    cells.length === columns.length ? [{ row: index + 1, line, value: rowOfCells(columns, cells) }] : [],
  );
  const { rows, errors } = read(even, at);
  return { rows, errors: [...faults, ...uneven, ...errors], at };
};

const jsonFile = z.strictObject({ callbacks: z.array(z.unknown()).max(MOST_ROWS) });

/** Reads the same rows as JSON: `{ "callbacks": [{ "reference": …, … }] }`. */
export const readJsonFile = (body: unknown): ReadFile => {
  const at: ReadFile['at'] = ({ row }, path) => ({ row, path: `callbacks[${row - 1}]${path === '' ? '' : `.${path}`}` });
  const file = jsonFile.safeParse(body, { error: wording });
  if (!file.success) return { rows: [], errors: fieldErrors(file.error).map((error) => ({ ...error, row: 0 })), at };
  return read(
    file.data.callbacks.map((value, index) => ({ row: index + 1, line: null, value })),
    at,
  );
};
