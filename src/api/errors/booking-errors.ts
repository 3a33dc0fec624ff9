/** What a queue refuses clients by the checks that it opted in to (1.5, 1.7). */
export const bookingErrors = {
  IMMEDIATE_DISABLED: {
    code: 7050,
    http: 400,
    message: 'This service makes no callbacks at once for now. Choose a time for it.',
  },
  SCHEDULED_DISABLED: { code: 7051, http: 400, message: 'This service makes no callbacks at a chosen time for now. Ask for one at once.' },
  TOO_SOON: {
    code: 7052,
    http: 400,
    message: 'The desired time is too soon: it must lie {minutes} minutes ahead at least. Choose a later one.',
  },
  TOO_FAR_AHEAD: {
    code: 7053,
    http: 400,
    message: 'The desired time is too far ahead: it may lie {days} days ahead at most. Choose an earlier one.',
  },
  DUPLICATE: {
    code: 7054,
    http: 409,
    contractHttp: 400,
    message: 'This number is to be called back by this service already. Wait for that callback, or cancel it first.',
  },
} as const;
