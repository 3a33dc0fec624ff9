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
  const sorted = [...all].sort();
  if (sort === '-name') sorted.reverse();
  const last = cursor === undefined ? undefined : read(cursor);
  const isAfter = (name: string): boolean => last === undefined || (sort === 'name' ? name > last : name < last);
  const rest = sorted.filter(isAfter);
  const names = rest.slice(0, limit);
  const end = names.at(-1);
  const next = rest.length > limit && end !== undefined ? Buffer.from(end).toString('base64url') : null;
  return { names, next, total: sorted.length };
};
