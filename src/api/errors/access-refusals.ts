import type { AccessRefusal } from '../../domain/access/commands.ts';
import { Failure } from './failure.ts';

const MOST_NAMED = 10;
const named = (all: readonly string[]): string =>
  [...all.slice(0, MOST_NAMED), ...(all.length > MOST_NAMED ? [`${all.length - MOST_NAMED} more`] : [])].join(', ');

/** What a refused change of keys, users, groups or folders is answered with. A refusal without a row here doesn't compile. */
export const accessFailure = (refusal: AccessRefusal): Failure => {
  switch (refusal.code) {
    case 'PRECONDITION_FAILED':
    case 'PRECONDITION_REQUIRED':
    case 'KEY_NAME_TAKEN':
    case 'PREDEFINED_GROUP':
    case 'LAST_ADMINISTRATOR':
    case 'READS_MORE':
      return new Failure(refusal.code);
    case 'UNKNOWN_API_KEY':
      return new Failure('API_KEY_NOT_FOUND');
    case 'UNKNOWN_USER':
      return new Failure('USER_NOT_FOUND');
    case 'UNKNOWN_TOKEN':
      return new Failure('TOKEN_NOT_FOUND');
    case 'UNKNOWN_ACCESS_GROUP':
      return new Failure('ACCESS_GROUP_NOT_FOUND');
    case 'UNKNOWN_FOLDER':
      return new Failure('FOLDER_NOT_FOUND');
    case 'FOLDER_IN_USE':
      return new Failure('FOLDER_IN_USE', { values: { by: named(refusal.by) } });
    case 'INVALID_ACCESS':
      return new Failure('INVALID_FIELDS', { errors: refusal.errors });
  }
};
