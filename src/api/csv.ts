import { setImmediate } from 'node:timers/promises';
import { CsvError, type InfoRecord, parse } from 'csv-parse';
import type { FieldError } from './errors/failure.ts';
import { textOf } from './file-text.ts';

const LONGEST_RECORD = 256 * 1024;
const PIECE = 64 * 1024;

/** A record of a CSV file: its cells as text, and the line that it begins on, from 1. */
export type CsvRecord = { readonly cells: readonly string[]; readonly line: number };
export type ReadCsv = { readonly records: readonly CsvRecord[]; readonly fault: FieldError | undefined };

const wordings: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote opens here or after, and isn’t closed',
  CSV_INVALID_CLOSING_QUOTE: 'something stands behind a closing quote; a quote inside quotes is doubled',
  INVALID_OPENING_QUOTE: 'a quote stands inside a cell that isn’t quoted',
  CSV_MAX_RECORD_SIZE: `a row has more than ${LONGEST_RECORD} characters`,
};

function* pieces(text: string): Generator<string> {
  for (let from = 0; from < text.length; from += PIECE) yield text.slice(from, from + PIECE);
}

const breaksIn = (cells: readonly string[]): number => cells.reduce((sum, cell) => sum + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0);

/**
 * Reads CSV: commas, quotes doubled within quotes, UTF-8 with or without mark, any line ends, empty lines left out. Reading ends at the first
 * fault, which has its line, and after `most` records.
 */
export const readCsv = async (file: Uint8Array, most: number): Promise<ReadCsv> => {
  const decoded = textOf(file);
  if ('error' in decoded) return { records: [], fault: decoded.error };
  const records: CsvRecord[] = [];
  const parser = parse({ info: true, relax_column_count: true, skip_empty_lines: true, max_record_size: LONGEST_RECORD });
  parser.on('error', () => undefined); // it is what the loop below throws
  const drained = (): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        parser.off('drain', done).off('close', done);
        resolve();
      };
      parser.on('drain', done).on('close', done);
    });
  const feed = async (): Promise<void> => {
    for (const piece of pieces(decoded.text)) {
      await setImmediate(); // between two pieces, other requests have their turn
      if (parser.destroyed) return;
      if (!parser.write(piece)) await drained();
    }
    if (!parser.destroyed) parser.end();
  };
  const fed = feed();
  try {
    for await (const read of parser) {
      const { record, info }: { record: string[]; info: InfoRecord } = read; // as `info` has it
      if (records.length >= most) {
        return {
          records,
          fault: { path: '', line: info.lines, column: 1, message: `the file has more than ${most} rows, its first line among them` },
        };
      }
      records.push({ cells: record, line: info.lines - breaksIn(record) });
    }
    return { records, fault: undefined };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const lines: unknown = Reflect.get(error, 'lines');
    const message = wordings[error.code] ?? 'can’t be read as CSV';
    return { records, fault: { path: '', line: typeof lines === 'number' ? lines : 1, column: 1, message } };
  } finally {
    parser.destroy();
    await fed;
  }
};
