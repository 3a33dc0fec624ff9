import { setImmediate } from 'node:timers/promises';
import { readE164 } from '../../domain/phone/number.ts';
import { readCsv } from '../csv.ts';
import { Failure, type FieldError, sentence } from '../errors/failure.ts';
import { wording } from '../errors/field-errors.ts';
import { name } from '../schemas/text.ts';

/** Numbers read in one go: between two, other requests have their turn. */
const SLICE = 500;
const MOST_ERRORS = 50;
export const MOST_ROWS = 2_000_000;
const entry = name(64);
const HEADER = /^phone ?number$/i;

/** A number as it was sent, and its line in a file. */
type Written = { readonly text: unknown; readonly line?: number };

const placeOf = (index: number, { line }: Written): Pick<FieldError, 'path' | 'line'> =>
  line === undefined ? { path: `[${index}]` } : { path: '', line };

/** The first column of each row; a header is left out. */
const ofCsv = async (file: Buffer): Promise<readonly { readonly text: string; readonly line: number }[]> => {
  const { records, fault } = await readCsv(file, MOST_ROWS);
  if (fault !== undefined) throw new Failure('INVALID_FIELDS', { errors: [fault] });
  const written = records.map(({ cells: [text = ''], line }) => ({ text, line }));
  const numbers = written.filter(({ text }) => text.trim() !== '');
  // A file that got lost on its way would empty the list: whoever wants that sends the line of the column, or [].
  if (numbers.length === 0) throw new Failure('INVALID_FIELDS', { errors: [{ path: '', line: 1, message: 'the file is empty' }] });
  return HEADER.test(numbers[0]?.text.trim() ?? '') ? numbers.slice(1) : numbers;
};

/** A number, or what is wrong with it. Looked at one by one: a list of a million things that are none would have a million things wrong. */
const readOne = ({ text, line }: Written): { readonly e164: string } | { readonly message: string } => {
  const read = line === undefined ? entry.safeParse(text, { error: wording }) : { success: true as const, data: String(text) };
  if (!read.success) return { message: read.error.issues[0]?.message ?? 'can’t be read' };
  const number = readE164(read.data);
  return 'e164' in number ? number : { message: sentence(new Failure(number.code)) };
};

/** Numbers (E.164) of a list, each once: JSON texts, or a file whose first column they are. All or none: throws the failure that names what can't be read. */
export const readNumbers = async (list: readonly unknown[] | Buffer): Promise<ReadonlySet<string>> => {
  const written = Buffer.isBuffer(list) ? await ofCsv(list) : list.map((text): Written => ({ text }));
  const numbers = new Set<string>();
  const errors: FieldError[] = [];
  for (const [n, one] of written.entries()) {
    if (n % SLICE === SLICE - 1) await setImmediate();
    const number = readOne(one);
    if ('e164' in number) numbers.add(number.e164);
    else if (errors.push({ ...placeOf(n, one), message: number.message }) >= MOST_ERRORS) break;
  }
  if (errors.length > 0) throw new Failure('INVALID_FIELDS', { errors });
  return numbers;
};
