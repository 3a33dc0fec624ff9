import { z } from 'zod';
import { Failure } from '../errors/failure.ts';
import { text } from '../schemas/text.ts';
import { type ListQuery, type Period, sortOf, timeFields } from './list-query.ts';

const LATEST = 8.64e15;
const bound = z.int().min(-LATEST).max(LATEST).nullable();
const content = z.strictObject({ sort: z.string(), from: bound, to: bound, value: text(2_000), key: text(200) });
const time = z.iso.datetime({ precision: 3 });

/** Where the page before ended: its last row's sorting value and key. The period is that of the first page, so that "today" holds still. */
export type Cursor = { readonly period: Period; readonly value: string; readonly key: string };

/** A cursor as the asker carries it: opaque text. */
export const writeCursor = ({ sort }: ListQuery, { period, value, key }: Cursor): string =>
  Buffer.from(JSON.stringify({ sort, from: period.from ?? null, to: period.to ?? null, value, key })).toString('base64url');

const parsed = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
};

/** The cursor that a query carries, if any; one of another order, or that nobody gave out, is refused. */
export const readCursor = (query: ListQuery): Cursor | undefined => {
  if (query.cursor === undefined) return undefined;
  const read = content.safeParse(parsed(query.cursor));
  const isTime = timeFields.includes(sortOf(query).field);
  if (!read.success || read.data.sort !== query.sort || (isTime && !time.safeParse(read.data.value).success)) {
    throw new Failure('INVALID_FIELDS', { errors: [{ path: 'cursor', message: 'must be the next of a page in the same order' }] });
  }
  const { from, to, value, key } = read.data;
  return { period: { from: from ?? undefined, to: to ?? undefined }, value, key };
};
