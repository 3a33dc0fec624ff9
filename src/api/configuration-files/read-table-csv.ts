import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { CsvError, type InfoRecord, parse } from 'csv-parse';
import { type ColumnName, columns, type OwnSettings } from '../../domain/configuration/columns.ts';
import type { FieldError } from '../errors/failure.ts';
import { QUEUE } from './cells.ts';
import { columnOf, type Header, readHeader, readRow } from './csv-rows.ts';
import { type Locate, MOST_LISTED, MOST_ROWS, type ReadFile, textOf } from './import-file.ts';

const CHUNK = 64 * 1024;
const LONGEST_RECORD = 64 * 1024;

type Parsed = { readonly record: readonly string[]; readonly info: InfoRecord };

/** Hands the text on in pieces, so that nothing else waits for all of it. */
async function* pieces(text: string): AsyncGenerator<string> {
  for (let from = 0; from < text.length; from += CHUNK) {
    await setImmediate();
    yield text.slice(from, from + CHUNK);
  }
}

const faults: { readonly [K in CsvError['code']]?: string } = {
  CSV_QUOTE_NOT_CLOSED: 'a quote opens here and isn’t closed',
  CSV_INVALID_CLOSING_QUOTE: 'something stands behind a closing quote; a quote inside quotes is doubled',
  INVALID_OPENING_QUOTE: 'a quote stands inside a cell that isn’t quoted',
  CSV_MAX_RECORD_SIZE: `the row has more than ${LONGEST_RECORD} characters`,
};
const lineOf = (error: CsvError): number => {
  const lines: unknown = Reflect.get(error, 'lines');
  return typeof lines === 'number' ? lines : 1;
};

const breaks = (record: readonly string[]): number => record.reduce((sum, cell) => sum + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0);

const isColumn = (name: string): name is ColumnName => Object.hasOwn(columns, name);

/**
 * Reads the table as CSV (2.5): comma, quotes doubled within quotes, UTF-8 with or without mark, any line ends. A column that the file doesn't
 * have stays as it is in every row; an empty cell is inherited. Every error is given with its line and its column, both from 1.
 */
export const readTableCsv = async (file: Uint8Array): Promise<ReadFile> => {
  const decoded = textOf(file);
  if ('error' in decoded) return { ok: false, errors: [decoded.error] };
  const errors: FieldError[] = [];
  const queues = new Map<string, OwnSettings>();
  const lines = new Map<string, number>();
  let header: Header | undefined;
  const whole = (line: number, message: string): unknown => errors.push({ path: '', line, column: 1, message });
  const parser = Readable.from(pieces(decoded.text)).pipe(
    parse({ info: true, relax_column_count: true, skip_empty_lines: true, max_record_size: LONGEST_RECORD }),
  );
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      // info: true hands records on with where they stand
      const line = info.lines - breaks(record);
      if (header === undefined) {
        const read = readHeader(record, line);
        if (!('known' in read)) return { ok: false, errors: read };
        header = read;
        continue;
      }
      const { queue, settings, errors: found } = readRow(header, record, line);
      errors.push(...found);
      const first = queue === undefined ? undefined : lines.get(queue);
      if (first !== undefined)
        errors.push({ path: QUEUE, line, column: columnOf(header, QUEUE), message: `is the queue of line ${first}, too` });
      if (queue !== undefined && first === undefined) lines.set(queue, line);
      if (queue !== undefined && settings !== undefined) queues.set(queue, settings);
      if (lines.size > MOST_ROWS) whole(line, `the file has more than ${MOST_ROWS} rows`);
      if (lines.size > MOST_ROWS || errors.length > MOST_LISTED) break;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    whole(lineOf(error), faults[error.code] ?? 'can’t be read as CSV');
  }
  if (header === undefined && errors.length === 0) whole(1, 'the file is empty: its first line names the columns');
  if (header === undefined || errors.length > 0) return { ok: false, errors };
  const found = header;
  const present = new Set(found.known.flatMap((cell) => (cell === null ? [] : [cell.column])));
  const locate: Locate = (part, name, field = QUEUE) => {
    const line = lines.get(name);
    return part !== 'queues' || line === undefined ? null : { path: field, line, column: columnOf(found, field) };
  };
  const kept = Object.keys(columns).filter(isColumn);
  return { ok: true, wanted: { queues, kept: kept.filter((column) => !present.has(column)) }, locate };
};
