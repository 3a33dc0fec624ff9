import type { AssignmentRefusal } from '../../domain/configuration/rule-decider.ts';
import { Failure } from '../errors/failure.ts';

/** There is no rule of that kind and name. */
export const noSuchRule = (): Failure =>
  new Failure('ROUTE_NOT_FOUND', { errors: [{ path: 'name', message: 'names no rule of this kind' }] });

/** What a refused change of a rule, or of what a queue has assigned, is answered with. */
export const ruleFailure = (refusal: AssignmentRefusal): Failure => {
  switch (refusal.code) {
    case 'PRECONDITION_FAILED':
    case 'PRECONDITION_REQUIRED':
      return new Failure(refusal.code);
    case 'UNKNOWN_QUEUE':
      return new Failure('QUEUE_NOT_FOUND');
    case 'UNKNOWN_RULE':
      return new Failure('INVALID_FIELDS', { errors: [{ path: refusal.kind, message: 'names no rule of this kind' }] });
    case 'CAPACITY_MISFIT':
      return new Failure('INVALID_SETTING', { errors: [{ path: 'capacity', message: refusal.message }] });
  }
};
