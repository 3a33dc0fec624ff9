import { type ColumnName, columns } from '../../domain/configuration/columns.ts';

/** One column of the table as CSV: a column of the settings, or a field of one that is an object. */
export type Cell = { readonly title: string; readonly column: ColumnName; readonly field: string | null; readonly kind: Kind };
type Kind = 'text' | 'number' | 'boolean';

/** The fields of columns that are objects; '' is the column itself, where it may be a plain value as well. */
const fieldsOf: { readonly [K in ColumnName]?: readonly string[] } = {
  dialRetryMinutes: ['', 'default', 'busy', 'noAnswer', 'machine', 'error'],
  priority: ['initial', 'increment', 'everySeconds', 'limit'],
  checks: ['officeHours', 'enabledFlags', 'duplicates', 'minimumLeadMinutes', 'horizonDays'],
  localHours: ['from', 'to'],
};
const kinds: Readonly<Record<Exclude<Kind, 'number'>, readonly string[]>> = {
  boolean: ['immediateEnabled', 'scheduledEnabled', 'holdEnabled', 'loggedInCheck', 'checks.officeHours', 'checks.enabledFlags'],
  text: [
    ...['immediateOfferHours', 'businessHours', 'callbackApplication', 'skillExpression', 'callDisplayName', 'callDisplayNumber'],
    ...['routePoint', 'surveyRoutePoint', 'callDirection', 'inboundQueue', 'outboundQueue'],
    ...['checks.duplicates', 'localHours.from', 'localHours.to'],
  ],
};
const kindOf = (title: string): Kind => (kinds.boolean.includes(title) ? 'boolean' : kinds.text.includes(title) ? 'text' : 'number');

const isColumn = (name: string): name is ColumnName => Object.hasOwn(columns, name);

/** The table's columns behind `queue`, in order. */
export const cells: readonly Cell[] = Object.keys(columns)
  .filter(isColumn)
  .flatMap((column) =>
    (fieldsOf[column] ?? ['']).map((field): Cell => {
      const title = field === '' ? column : `${column}.${field}`;
      return { title, column, field: field === '' ? null : field, kind: kindOf(title) };
    }),
  );
export const QUEUE = 'queue';

/** What stands for an empty text: an empty cell is inherited. */
const EMPTY = '""';
/** Text that a spreadsheet would take for a formula, or this file for an empty one. */
const MISREAD = /^'*(?:[=+\-@\t\r\n]|""$)/;
const GUARDED = /^'+(?:[=+\-@\t\r\n]|""$)/;

/** Text as it stands in a cell: what would be misread gets an apostrophe before it. */
export const cellOfText = (text: string): string => (text === '' ? EMPTY : MISREAD.test(text) ? `'${text}` : text);
/** The text of a cell that isn't empty. */
export const textOfCell = (cell: string): string => (cell === EMPTY ? '' : GUARDED.test(cell) ? cell.slice(1) : cell);

const NUMBER = /^-?\d{1,15}(?:\.\d{1,15})?$/;

/** The value of a cell that isn't empty; what it must be where it can't be read. */
export const valueOfCell = (cell: string, kind: Kind): { readonly value: unknown } | { readonly message: string } => {
  if (kind === 'text') return { value: textOfCell(cell) };
  const plain = cell.trim();
  if (kind === 'number') return NUMBER.test(plain) ? { value: Number(plain) } : { message: 'must be a number, such as 5 or 0.5' };
  const lower = plain.toLowerCase();
  return lower === 'true' || lower === 'false' ? { value: lower === 'true' } : { message: 'must be true or false' };
};
