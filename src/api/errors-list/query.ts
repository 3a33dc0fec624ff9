import { z } from 'zod';
import { Failure } from '../errors/failure.ts';
import { instant } from '../schemas/instant.ts';
import { text } from '../schemas/text.ts';
import { type ErrorSort, type ErrorsQuery, errorSorts, type FailedQuery } from './failed-query.ts';

const MOST = 250;

const numbers = (least: number, most: number) =>
  z.preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(z.coerce.number().int().min(least).max(most)).min(1).max(50).optional(),
  );

/** The query of GET /api/errors. */
export const errorsQuery = z
  .strictObject({
    from: instant.optional().describe('Failures from this instant on'),
    to: instant.optional().describe('Failures before this instant'),
    status: numbers(400, 599).describe('HTTP status; may stand there several times'),
    code: numbers(1_000, 9_999).describe('Code of the table of errors; may stand there several times'),
    sort: z
      .string()
      .regex(new RegExp(`^-?(${errorSorts.join('|')})$`), `must be one of ${errorSorts.join(', ')}, with - before it for descending`)
      .default('-at'),
    limit: z.coerce.number().int().min(1).max(MOST).default(MOST),
    cursor: text(500).optional().describe('What the page before answered as next'),
  })
  .check(({ value: { from, to }, issues }) => {
    if (from !== undefined && to !== undefined && from >= to)
      issues.push({ code: 'custom', path: ['to'], message: 'must be later than from', input: to });
  });
type Query = z.output<typeof errorsQuery>;

const place = z.strictObject({ sort: z.string(), value: z.union([z.iso.datetime({ precision: 3 }), z.int()]), correlationId: text(64) });

const sortOf = (sort: string): ErrorSort => errorSorts.find((one) => sort.endsWith(one)) ?? 'at';

/** Where a page ended, as the asker carries it: opaque text. */
export const writeCursor = ({ sort }: Query, last: FailedQuery): string => {
  const content = { sort, value: last[sortOf(sort)], correlationId: last.correlationId };
  return Buffer.from(JSON.stringify(content)).toString('base64url');
};

const parsed = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
};

const readCursor = ({ cursor, sort }: Query): ErrorsQuery['after'] => {
  if (cursor === undefined) return undefined;
  const { data } = place.safeParse(parsed(cursor));
  const isTime = sortOf(sort) === 'at';
  if (data === undefined || data.sort !== sort || (typeof data.value === 'string') !== isTime)
    throw new Failure('INVALID_FIELDS', { errors: [{ path: 'cursor', message: 'must be the next of a page in the same order' }] });
  return { value: data.value, correlationId: data.correlationId };
};

/** What is asked for, one row more than the page has, which tells that another follows. Throws for a cursor that nobody gave out. */
export const askedFor = (query: Query): ErrorsQuery => {
  const { from, to, status, code, sort, limit } = query;
  return {
    ...{ from, to, status, code, limit: limit + 1 },
    sort: sortOf(sort),
    descending: sort.startsWith('-'),
    after: readCursor(query),
  };
};
