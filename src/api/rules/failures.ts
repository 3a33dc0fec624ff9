import { mayRead, type Reads } from '../../domain/access/reads.ts';
import type { AssignmentRefusal, DeletionRefusal, PutRuleRefusal } from '../../domain/configuration/rule-decider.ts';
import { Failure } from '../errors/failure.ts';

/** There is no rule of that kind and name. */
export const noSuchRule = (): Failure => new Failure('RULE_NOT_FOUND');

/** What a refused change of a rule, or of what a queue has assigned, is answered with. */
export const ruleFailure = (refusal: AssignmentRefusal | PutRuleRefusal): Failure => {
  switch (refusal.code) {
    case 'PRECONDITION_FAILED':
    case 'PRECONDITION_REQUIRED':
      return new Failure(refusal.code);
    case 'UNUSABLE_NAME':
      return new Failure('INVALID_FIELDS', { errors: [{ path: 'name', message: refusal.message }] });
    case 'UNKNOWN_QUEUE':
      return new Failure('QUEUE_NOT_FOUND');
    case 'UNKNOWN_RULE':
      return new Failure('INVALID_FIELDS', { errors: [{ path: refusal.kind, message: 'names no rule of this kind' }] });
    case 'CAPACITY_MISFIT':
      return new Failure('INVALID_SETTING', { errors: [{ path: 'capacity', message: refusal.message }] });
  }
};

/** What a refused deletion is answered with: queues that the asker doesn't read are only counted (4). */
export const deletionFailure =
  (reads: Reads) =>
  (refusal: DeletionRefusal): Failure => {
    if (refusal.code === 'UNKNOWN_RULE') return noSuchRule();
    if (refusal.code !== 'RULE_ASSIGNED') return ruleFailure(refusal);
    const queues = refusal.queues.filter((queue) => mayRead(reads, queue));
    const errors = queues.map((queue) => ({ path: queue, message: 'has this rule' }));
    return new Failure('RULE_ASSIGNED', { errors, values: { listed: queues.length, others: refusal.queues.length - queues.length } });
  };
