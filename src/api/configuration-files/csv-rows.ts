import { type OwnSettings, settingsRow } from '../../domain/configuration/columns.ts';
import type { FieldError } from '../errors/failure.ts';
import { wording } from '../errors/field-errors.ts';
import { ownSettings } from '../queue-settings/row.ts';
import { queueName } from '../schemas/text.ts';
import { type Cell, cells, QUEUE, textOfCell, valueOfCell } from './cells.ts';

/** The first line: which column of the table each of the file's is, null for the name of the queue. */
export type Header = { readonly byTitle: ReadonlyMap<string, number>; readonly known: readonly (Cell | null)[]; readonly width: number };

/** Reads the first line, or says what is wrong with it. */
export const readHeader = (record: readonly string[], line: number): Header | readonly FieldError[] => {
  const errors: FieldError[] = [];
  const byTitle = new Map<string, number>();
  const known = record.map((raw, index): Cell | null => {
    const title = raw.trim();
    const error = (message: string): null => {
      errors.push({ path: title, line, column: index + 1, message });
      return null;
    };
    if (byTitle.has(title)) return error('is a column that is there twice');
    byTitle.set(title, index);
    const cell = cells.find((one) => one.title === title);
    if (cell === undefined && title !== QUEUE) return error('is not a column of the table; columns are separated by commas');
    return cell ?? null;
  });
  if (!byTitle.has(QUEUE)) errors.push({ path: QUEUE, line, column: 1, message: 'is a column that is missing' });
  return errors.length > 0 ? errors : { byTitle, known, width: record.length };
};

/** The values of a row, as JSON would have them, and what can't be read of it. */
const valuesOf = ({ known }: Header, record: readonly string[], line: number) => {
  const own: Record<string, unknown> = {};
  const errors: FieldError[] = [];
  for (const [index, cell] of known.entries()) {
    const raw = record[index] ?? '';
    if (cell === null || raw === '') continue;
    const read = valueOfCell(raw, cell.kind);
    const error = (message: string): unknown => errors.push({ path: cell.title, line, column: index + 1, message });
    if ('message' in read) error(read.message);
    else if (cell.field === null) own[cell.column] = read.value;
    else {
      const object = own[cell.column];
      if (object !== undefined && (typeof object !== 'object' || object === null)) error(`can’t stand beside a plain ${cell.column}`);
      else own[cell.column] = { ...object, [cell.field]: read.value };
    }
  }
  return { own, errors };
};

/** Where a column, or a field of one, stands in the file, from 1: the nearest that it has. */
export const columnOf = ({ byTitle }: Header, title: string): number => {
  const [column = ''] = title.split('.');
  const inside = [...byTitle].find(([one]) => one.startsWith(`${column}.`))?.[1];
  return (byTitle.get(title) ?? byTitle.get(column) ?? inside ?? byTitle.get(QUEUE) ?? 0) + 1;
};

export type CsvRow = {
  readonly queue: string | undefined;
  readonly settings: OwnSettings | undefined;
  readonly errors: readonly FieldError[];
};

/** Reads one row: its queue and values, each undefined where `errors` says what is wrong with it. */
export const readRow = (header: Header, record: readonly string[], line: number): CsvRow => {
  if (record.length !== header.width) {
    const message = `has ${record.length} cells instead of ${header.width}`;
    const column = Math.min(record.length, header.width) + 1;
    return { queue: undefined, settings: undefined, errors: [{ path: '', line, column, message }] };
  }
  const column = columnOf(header, QUEUE);
  const name = queueName.safeParse(textOfCell(record[column - 1] ?? ''), { error: wording });
  const { own, errors } = valuesOf(header, record, line);
  const row = settingsRow.safeParse(own, { error: wording });
  const unread = new Set(errors.map(({ path }) => path.split('.')[0]));
  const wrong = (row.error?.issues ?? []).filter(({ path }) => !unread.has(String(path[0])));
  return {
    queue: name.data,
    settings: row.success ? ownSettings(row.data) : undefined,
    errors: [
      ...(name.success ? [] : [{ path: QUEUE, line, column, message: name.error.issues[0]?.message ?? 'is no name' }]),
      ...errors,
      ...wrong.map(({ path, message }) => {
        const title = path.map(String).join('.');
        return { path: title, line, column: columnOf(header, title), message };
      }),
    ],
  };
};
