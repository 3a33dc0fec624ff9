import { z } from 'zod';
import type { Waiting } from '../../live/waiting-line.ts';
import { Failure } from '../errors/failure.ts';

const content = z.strictObject({
  id: z.string().min(1).max(200),
  priority: z.int().min(0).max(1000).nullable(),
  enteredAt: z.int().min(0).max(8.64e15),
});

/** Where a page of a line ended, as the asker carries it: opaque text. The next one goes on from where that callback stands then. */
export const writeLineCursor = ({ id, priority, enteredAt }: Waiting): string =>
  Buffer.from(JSON.stringify({ id, priority, enteredAt })).toString('base64url');

const parsed = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
};

/** What a cursor says; one that nobody gave out is refused. */
export const readLineCursor = (cursor: string): Waiting => {
  const read = content.safeParse(parsed(cursor));
  if (read.success) return read.data;
  throw new Failure('INVALID_FIELDS', { errors: [{ path: 'cursor', message: 'must be the next of a page' }] });
};
