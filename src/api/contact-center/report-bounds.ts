import { z } from 'zod';
import { MOST_SOURCES } from '../../live/kit/silence.ts';
import type { Taken } from '../../live/kit/taken.ts';
import { Failure } from '../errors/failure.ts';
import { name } from '../schemas/text.ts';

/** What every report of the contact center says of itself (7.1). */
export const reportOf = {
  source: name(128).describe('Who reports: each source counts its own reports'),
  sequence: z.int().min(0).describe('Grows from report to report of a source; one not above the last is 409 and changes nothing'),
  full: z.boolean().default(true).describe('False: what the report leaves out is as it was'),
};

/** A check that no two of an array have the same key. */
export const eachOnce =
  <T>(keyOf: (item: T) => string, path: string) =>
  (context: z.core.ParsePayload<T[]>): void => {
    const seen = new Set<string>();
    for (const [index, item] of context.value.entries()) {
      const key = keyOf(item);
      if (seen.has(key)) context.issues.push({ code: 'custom', path: [index, path], message: 'is there twice', input: key });
      seen.add(key);
    }
  };

/** Answers a report that was taken; throws for any other. `most` is of what its source may tell in all, and `path` where the report has it. */
export const answerTo = (taken: Taken, { source, sequence }: { source: string; sequence: number }, most: number, path: string) => {
  switch (taken) {
    case 'TAKEN':
      return { source, sequence };
    case 'STALE':
      throw new Failure('STALE_SEQUENCE');
    case 'TOO_MANY_SOURCES': {
      const message = `must be one of the ${MOST_SOURCES} that are known, of which each is forgotten after five minutes of silence`;
      throw new Failure('INVALID_FIELDS', { errors: [{ path: 'source', message }] });
    }
    case 'TOO_MUCH': {
      const message = `must not be more than ${most} with those that this source told of before; a full report replaces those`;
      throw new Failure('INVALID_FIELDS', { errors: [{ path, message }] });
    }
  }
};
