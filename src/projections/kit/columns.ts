/**
 * The Postgres types that rows are made of, and the JavaScript values that folds give and get for them; null is allowed in each.
 * text: string · int, double precision: number · bigint, numeric: decimal string · boolean · timestamptz: ISO text in UTC with
 * milliseconds · date: YYYY-MM-DD · jsonb: any JSON value · text[]: string array
 */
export type ColumnType =
  | 'text'
  | 'int'
  | 'bigint'
  | 'double precision'
  | 'numeric'
  | 'boolean'
  | 'timestamptz'
  | 'date'
  | 'jsonb'
  | 'text[]';

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** SQL that reads a column in the form that folds expect, whatever type parsers the connection has. */
export const readExpression = (column: string, type: ColumnType): string => {
  const name = quote(column);
  switch (type) {
    case 'timestamptz':
      return `to_char(${name} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${name}`;
    case 'date':
    case 'bigint':
    case 'numeric':
      return `${name}::text as ${name}`;
    default:
      return name;
  }
};

/** `unnest` takes one array a column; an array inside it would be flattened, so these travel as text. */
export const parameterType = (type: ColumnType): string => (type === 'text[]' ? 'text[]' : `${type}[]`);

/** SQL that turns an unnested value into the column's type. */
export const writeExpression = (column: string, type: ColumnType): string =>
  type === 'text[]' ? `${quote(column)}::text[]` : quote(column);

const arrayLiteral = (values: readonly unknown[]): string =>
  `{${values.map((value) => `"${String(value).replace(/["\\]/g, '\\$&')}"`).join(',')}}`;

/** A row's value as a parameter of `unnest`. */
export const writeValue = (value: unknown, type: ColumnType): unknown => {
  if (value === null || value === undefined) return null;
  if (type === 'jsonb') return JSON.stringify(value);
  return type === 'text[]' && Array.isArray(value) ? arrayLiteral(value) : value;
};
