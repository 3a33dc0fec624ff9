import { importErrors } from './import-errors.ts';

/** What goes wrong with rules, business hours and imports. */
export const configurationErrors = {
  ...importErrors,
  RULE_NOT_FOUND: { code: 3004, http: 404, message: 'There is no rule of this kind and name. Check the name.' },
  BUSINESS_HOURS_NOT_FOUND: { code: 3005, http: 404, message: 'There are no business hours of this name. Check the name.' },
  RULE_ASSIGNED: {
    code: 4021,
    http: 409,
    message:
      'The rule is assigned to queues[, {listed} of them listed under errors][, {others} that you can’t see]. Unassign it there, then delete it.',
  },
  BUSINESS_HOURS_IN_USE: {
    code: 4022,
    http: 409,
    message:
      'Queues have these business hours[, {listed} of them listed under errors][, {others} more]. Give them others, then delete these.',
  },

  DO_NOT_CALL_ENTRY_NOT_FOUND: { code: 3070, http: 404, message: 'This number isn’t on the do-not-call list, or not any more.' },
} as const;
