import { type ColumnName, columns, type OwnSettings } from '../../domain/configuration/columns.ts';
import { readCsv } from '../csv.ts';
import type { FieldError } from '../errors/failure.ts';
import { QUEUE } from './cells.ts';
import { columnOf, readHeader, readRow } from './csv-rows.ts';
import { type Locate, MOST_ROWS, type ReadFile } from './import-file.ts';

const EMPTY: FieldError = { path: '', line: 1, column: 1, message: 'the file is empty: its first line names the columns' };
const isColumn = (name: string): name is ColumnName => Object.hasOwn(columns, name);

/**
 * Reads the table as CSV (2.5): comma, quotes doubled within quotes, UTF-8 with or without mark, any line ends. A column that the file doesn't
 * have stays as it is in every row; an empty cell is inherited. Every error is given with its line and its column, both from 1.
 */
export const readTableCsv = async (file: Uint8Array): Promise<ReadFile> => {
  const { records, fault } = await readCsv(file, MOST_ROWS + 1);
  const [first, ...rows] = records;
  if (first === undefined) return { ok: false, errors: [fault ?? EMPTY] };
  const header = readHeader(first.cells, first.line);
  if (!('known' in header)) return { ok: false, errors: header };
  const errors: FieldError[] = [];
  const queues = new Map<string, OwnSettings>();
  const lines = new Map<string, number>();
  for (const { cells, line } of rows) {
    const { queue, settings, errors: found } = readRow(header, cells, line);
    errors.push(...found);
    const earlier = queue === undefined ? undefined : lines.get(queue);
    if (earlier !== undefined)
      errors.push({ path: QUEUE, line, column: columnOf(header, QUEUE), message: `is the queue of line ${earlier}, too` });
    if (queue !== undefined && earlier === undefined) lines.set(queue, line);
    if (queue !== undefined && settings !== undefined) queues.set(queue, settings);
  }
  if (fault !== undefined) errors.push(fault);
  if (errors.length > 0) return { ok: false, errors };
  const present = new Set(header.known.flatMap((cell) => (cell === null ? [] : [cell.column])));
  const locate: Locate = (part, name, field = QUEUE) => {
    const line = lines.get(name);
    return part !== 'queues' || line === undefined ? null : { path: field, line, column: columnOf(header, field) };
  };
  const kept = Object.keys(columns).filter(isColumn);
  return { ok: true, wanted: { queues, kept: kept.filter((column) => !present.has(column)) }, locate };
};
