import { createReadStream } from 'node:fs';
import { CsvError, type InfoRecord, parse } from 'csv-parse';
import { z } from 'zod';
import { draw } from '../integrations/simulator/draw.ts';
import { refusal } from './refusal.ts';

/** Calls that arrived in one six-minute interval of the day; the first interval is 1. */
export type Interval = { readonly interval: number; readonly calls: number };

const HEADER = 'date,interval,minute_of_day,calls';
const INTERVAL_MS = 6 * 60_000;
const MOST_CALLS_OF_AN_INTERVAL = 100_000;

const wholeNumber = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number')
  .transform(Number);
const row = z.tuple([
  z.iso.date('must be a date such as 1999-03-01'),
  wholeNumber.pipe(z.int().min(1, 'must be 1 to 240').max(240, 'must be 1 to 240')),
  wholeNumber,
  wholeNumber.pipe(z.int().max(MOST_CALLS_OF_AN_INTERVAL, `must be at most ${MOST_CALLS_OF_AN_INTERVAL}`)),
]);
const columns = HEADER.split(',');

const wrong = (fields: unknown): string | undefined => {
  const parsed = row.safeParse(fields);
  if (parsed.success) {
    const [, interval, minute] = parsed.data;
    return minute === (interval - 1) * 6 ? undefined : `interval ${interval} begins at minute ${(interval - 1) * 6}, not ${minute}`;
  }
  if (!Array.isArray(fields) || fields.length !== columns.length) return `a row is ${HEADER}`;
  const [issue] = parsed.error.issues;
  return `${columns[Number(issue?.path[0])]} ${issue?.message}`;
};

/**
 * Reads one day's arrivals from a CSV file of the form date,interval,minute_of_day,calls, holding no more than that day in memory.
 * An interval without a row had no calls. Refuses a file that can't be read, a wrong row (naming its line), an interval given twice,
 * and a day that isn't there (naming the first and the last that are).
 */
export const readArrivals = async (file: string, day: string): Promise<readonly Interval[]> => {
  const intervals = new Map<number, Interval>();
  let first: string | undefined;
  let last: string | undefined;
  const at = (line: number, what: string) => refusal(`${file}, line ${line}: ${what}.`);

  const take = (fields: unknown, line: number) => {
    if (line === 1) {
      if (!Array.isArray(fields) || fields.join(',') !== HEADER) throw at(1, `the header must be ${HEADER}`);
      return;
    }
    const problem = wrong(fields);
    if (problem !== undefined) throw at(line, problem);
    const [date, interval, , calls] = row.parse(fields);
    if (first === undefined || date < first) first = date;
    if (last === undefined || date > last) last = date;
    if (date !== day) return;
    if (intervals.has(interval)) throw at(line, `interval ${interval} of ${day} is there twice`);
    intervals.set(interval, { interval, calls });
  };

  const parser = parse({ bom: true, trim: true, skip_empty_lines: true, relax_column_count: true, info: true, max_record_size: 10_000 });
  const source = createReadStream(file);
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    const records: AsyncIterable<{ record: unknown; info: InfoRecord }> = parser;
    for await (const { record, info } of records) take(record, info.lines);
  } catch (error) {
    if (error instanceof CsvError) throw at(Number(error.lines ?? parser.info.lines), error.message.replace(/\.$/, ''));
    if (error instanceof Error && 'syscall' in error) throw refusal(`${file} can't be read: ${error.message}.`);
    throw error;
  } finally {
    source.destroy();
  }
  if (first === undefined) throw refusal(`${file} has no arrivals at all.`);
  if (intervals.size === 0) throw refusal(`${file} has no arrivals of ${day}; its days go from ${first} to ${last}.`);
  return [...intervals.values()].sort((a, b) => a.interval - b.interval);
};

/** The instants (epoch ms, ascending) at which the day's calls arrive: in UTC, spread over each interval by the seed. */
export const arrivalInstants = (intervals: readonly Interval[], day: string, seed: number): readonly number[] => {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return intervals
    .flatMap(({ interval, calls }) =>
      Array.from({ length: calls }, (_, i) => Math.floor(midnight + (interval - 1 + draw(seed, 'arrival', interval, i)) * INTERVAL_MS)),
    )
    .sort((a, b) => a - b);
};
