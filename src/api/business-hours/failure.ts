import type { BusinessHoursRefusal } from '../../domain/configuration/business-hours.ts';
import { Failure } from '../errors/failure.ts';

/** What a refused edit of business hours is answered with. */
export const businessHoursFailure = (refusal: BusinessHoursRefusal): Failure => {
  switch (refusal.code) {
    case 'PRECONDITION_FAILED':
    case 'PRECONDITION_REQUIRED':
      return new Failure(refusal.code);
    case 'UNKNOWN_BUSINESS_HOURS': // only deleting is refused so, which no route asks for
    case 'BUSINESS_HOURS_IN_USE':
      return new Failure('UNEXPECTED');
  }
};
