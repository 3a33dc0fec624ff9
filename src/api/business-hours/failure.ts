import { mayRead, type Reads } from '../../domain/access/reads.ts';
import type { BusinessHoursRefusal } from '../../domain/configuration/business-hours.ts';
import { DEFAULT_ROW } from '../../domain/configuration/state.ts';
import { Failure } from '../errors/failure.ts';

const MOST_NAMED = 50;

/** What a refused change of business hours is answered with. Of the queues that have them it names those that the asker reads, and counts the rest (8.2). */
export const businessHoursFailure =
  (reads: Reads) =>
  (refusal: BusinessHoursRefusal): Failure => {
    switch (refusal.code) {
      case 'PRECONDITION_FAILED':
      case 'PRECONDITION_REQUIRED':
        return new Failure(refusal.code);
      case 'UNUSABLE_NAME':
        return new Failure('INVALID_FIELDS', { errors: [{ path: 'name', message: refusal.message }] });
      case 'UNKNOWN_BUSINESS_HOURS':
        return new Failure('BUSINESS_HOURS_NOT_FOUND');
      case 'BUSINESS_HOURS_IN_USE': {
        const named = refusal.queues.filter((queue) => queue === DEFAULT_ROW || mayRead(reads, queue)).slice(0, MOST_NAMED);
        return new Failure('BUSINESS_HOURS_IN_USE', {
          errors: named.map((queue) => ({ path: queue, message: 'has these business hours' })),
          values: { listed: named.length, others: refusal.queues.length - named.length },
        });
      }
    }
  };
