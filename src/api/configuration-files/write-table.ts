import { type Configuration, DEFAULT_ROW } from '../../domain/configuration/state.ts';
import { type Cell, cellOfText, cells, QUEUE } from './cells.ts';

const quoted = (cell: string): string => (/[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
const line = (row: readonly string[]): string => `${row.map(quoted).join(',')}\r\n`;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

const cellOf = (own: Readonly<Record<string, unknown>>, { column, field, kind }: Cell): string => {
  const whole = own[column];
  const value = field === null ? (isObject(whole) ? undefined : whole) : isObject(whole) ? whole[field] : undefined;
  if (value === undefined || value === null) return '';
  return kind === 'text' ? cellOfText(String(value)) : String(value);
};

/**
 * The table as CSV (2.5), line by line: the default row first, then every queue by name, with their own values; an empty cell is inherited.
 * Retired queues are left out, for they take no settings any more.
 */
export function* tableAsCsv({ queues }: Configuration): Generator<string> {
  yield line([QUEUE, ...cells.map(({ title }) => title)]);
  const names = [...queues].filter(([, { retired }]) => retired === undefined).map(([queue]) => queue);
  names.sort((a, b) => Number(b === DEFAULT_ROW) - Number(a === DEFAULT_ROW) || (a < b ? -1 : 1));
  for (const name of names) {
    const own = queues.get(name)?.own ?? {};
    yield line([cellOfText(name), ...cells.map((cell) => cellOf(own, cell))]);
  }
}
