import { setImmediate } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import { readAnyNumber } from '../../domain/phone/number.ts';
import { Failure, type FieldError, sentence } from '../errors/failure.ts';

/** Numbers read in one go: between two, other requests have their turn. */
const SLICE = 500;
const MOST_ERRORS = 50;
const HEADER = /^phone ?number$/i;

type Written = { readonly text: string; readonly at: Pick<FieldError, 'path' | 'line'> };

/** The first column of each line; a header is left out. */
const ofCsv = (file: Buffer): readonly Written[] => {
  const lines: Written[] = [];
  const note = (record: readonly string[], { lines: line }: { readonly lines: number }): null => {
    const text = record[0] ?? '';
    if (text.trim() !== '') lines.push({ text, at: { path: '', line } });
    return null;
  };
  try {
    parse(file, { bom: true, relax_column_count: true, skip_empty_lines: true, on_record: note });
  } catch {
    throw new Failure('INVALID_FIELDS', { errors: [{ path: '', message: 'the file isn’t well-formed CSV' }] });
  }
  return HEADER.test(lines[0]?.text.trim() ?? '') ? lines.slice(1) : lines;
};

/** Numbers (E.164) of a list: JSON texts, or a file whose first column they are. All or none: throws the failure that names what can't be read. */
export const readNumbers = async (list: readonly string[] | Buffer): Promise<readonly string[]> => {
  const written = Buffer.isBuffer(list) ? ofCsv(list) : list.map((text, n): Written => ({ text, at: { path: `[${n}]` } }));
  const numbers: string[] = [];
  const errors: FieldError[] = [];
  for (const [n, { text, at }] of written.entries()) {
    if (n % SLICE === SLICE - 1) await setImmediate();
    const number = readAnyNumber(text);
    if ('e164' in number) numbers.push(number.e164);
    else if (errors.length < MOST_ERRORS) errors.push({ ...at, message: sentence(new Failure(number.code)) });
  }
  if (errors.length > 0) throw new Failure('INVALID_FIELDS', { errors });
  return numbers;
};
