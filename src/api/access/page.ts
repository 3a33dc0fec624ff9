import { z } from 'zod';
import { Failure } from '../errors/failure.ts';
import { text } from '../schemas/text.ts';

const MOST = 250;

/** The query of a list by name. */
export const byName = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MOST).default(MOST),
  cursor: text(2_000).optional().describe('What the page before answered as next'),
  sort: z.enum(['name', '-name']).default('name'),
});

/** A page of such a list. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().nullable(), total: z.int().describe('On all pages') });

const read = (cursor: string): string => {
  const name = Buffer.from(cursor, 'base64url').toString();
  if (Buffer.from(name).toString('base64url') === cursor) return name;
  throw new Failure('INVALID_FIELDS', { errors: [{ path: 'cursor', message: 'must be the next of a page' }] });
};

/** The names on the page that is asked for, and where the next one begins. */
export const namesOn = (all: Iterable<string>, { limit, cursor, sort }: z.output<typeof byName>) => {
  return namesAmong([...all].sort(), { limit, cursor, descending: sort === '-name' });
};

/** The same of names that are in order already. */
export const namesAmong = (
  sorted: readonly string[],
  { limit, cursor, descending }: { readonly limit: number; readonly cursor: string | undefined; readonly descending: boolean },
) => {
  const inOrder = descending ? sorted.toReversed() : sorted;
  const last = cursor === undefined ? undefined : read(cursor);
  const found = last === undefined ? 0 : inOrder.findIndex((name) => (descending ? name < last : name > last));
  const first = found === -1 ? inOrder.length : found;
  const names = inOrder.slice(first, first + limit);
  const end = names.at(-1);
  const next = first + limit < inOrder.length && end !== undefined ? Buffer.from(end).toString('base64url') : null;
  return { names, next, total: inOrder.length };
};
