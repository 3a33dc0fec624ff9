import type { ColumnType } from '../../src/projections/kit/columns.ts';
import type { Projection, RowData } from '../../src/projections/kit/projection.ts';

const isText = (value: unknown): value is string => typeof value === 'string';
const isJson = (value: unknown): boolean => {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (Array.isArray(value)) return value.every(isJson);
  return (
    typeof value === 'object' &&
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.values(value).every((each) => each === undefined || isJson(each))
  );
};
const INT = 2 ** 31;

const holds: { readonly [T in ColumnType]: (value: unknown) => boolean } = {
  text: isText,
  int: (value) => Number.isInteger(value) && Math.abs(Number(value)) < INT,
  bigint: (value) => isText(value) && /^(0|-?[1-9]\d*)$/.test(value),
  'double precision': (value) => Number.isFinite(value),
  numeric: (value) => isText(value) && /^-?\d+(\.\d+)?$/.test(value),
  boolean: (value) => typeof value === 'boolean',
  timestamptz: (value) => isText(value) && !Number.isNaN(Date.parse(value)) && new Date(value).toISOString() === value,
  date: (value) => isText(value) && /^\d{4}-\d\d-\d\d$/.test(value),
  jsonb: isJson,
  'text[]': (value) => Array.isArray(value) && value.every(isText),
};

/** Columns whose values wouldn't come back from Postgres as they went in, and values without a column. */
export const misfits = ({ columns }: Projection, row: RowData): string[] => {
  const strange = Object.keys(row).filter((name) => row[name] !== undefined && columns[name] === undefined);
  const wrong = Object.entries(columns).filter(([name, type]) => {
    const value = row[name];
    return value === undefined || (value === null ? name === 'key' : !holds[type](value));
  });
  return [...strange, ...wrong.map(([name]) => name)];
};

export { isJson };
