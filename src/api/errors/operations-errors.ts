/** Errors of what operators do. */
export const operationsErrors = {
  ENTRY_NOT_PARKED: {
    code: 4014,
    http: 409,
    message: 'Nothing is parked under this process, instance, entry and cause, or not any more. Read the list again.',
  },
  TASK_UNDER_WAY: { code: 4015, http: 409, message: 'A {task} is under way, and there is one at a time. Ask again when it is done.' },
  WORK_ELSEWHERE: {
    code: 4016,
    http: 409,
    message: 'This node doesn’t keep the read models. Ask the one that does the work, or run the command there.',
  },
} as const;
