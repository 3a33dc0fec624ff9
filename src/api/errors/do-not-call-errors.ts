/** Rows of the table of errors about the do-not-call list. */
export const doNotCallErrors = {
  DO_NOT_CALL_ENTRY_NOT_FOUND: { code: 3070, http: 404, message: 'This number isn’t on the do-not-call list, or not any more.' },
} as const;
