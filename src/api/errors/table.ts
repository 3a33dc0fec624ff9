import { accessErrors } from './access-errors.ts';
import { bookingErrors } from './booking-errors.ts';
import { configurationErrors } from './configuration-errors.ts';
import { operationsErrors } from './operations-errors.ts';
import { recreateErrors } from './recreate-errors.ts';
import { signInErrors } from './sign-in-errors.ts';

/**
 * One row of the published table of errors. `code` never changes its meaning and is never given again; `name` is the same for programs
 * that log. `http` is the status; `contractHttp` where the contract under `/engagement/v3` fixes another. `message` is what the asker reads,
 * with `{placeholders}` that the case fills, and `[parts]` left out where their number is 0 or unknown. `retry` is Retry-After in seconds.
 */
export type ErrorRow = {
  readonly code: number;
  readonly http: number;
  readonly contractHttp?: number;
  readonly message: string;
  readonly retry?: number;
};

/** What every code above a thousand begins with. */
export const ranges = [
  {
    from: 1000,
    to: 1999,
    title: 'The request',
    about: 'It can’t be understood as it stands. The same request again gets the same answer.',
  },
  { from: 2000, to: 2999, title: 'Access', about: 'Who asks, and whether they may.' },
  { from: 3000, to: 3999, title: 'Not found', about: 'There is nothing of that name for the one who asks.' },
  { from: 4000, to: 4999, title: 'The state of things', about: 'The request is understood, and what is there now forbids it.' },
  {
    from: 5000,
    to: 5999,
    title: 'The service',
    about: 'Not the asker’s fault. What was refused left no trace, unless its text says otherwise.',
  },
  { from: 7000, to: 7999, title: 'Booking', about: 'Codes that widgets know.' },
] as const;

/** Every error that the service answers with. */
export const errors = {
  MALFORMED_REQUEST: {
    code: 1000,
    http: 400,
    message: 'The request isn’t well-formed HTTP, or its address isn’t. Check the path and its encoding.',
  },
  INVALID_FIELDS: {
    code: 1001,
    http: 400,
    message: 'Some fields are missing or wrong. Correct those listed under errors and send the request again.',
  },
  MALFORMED_JSON: { code: 1002, http: 400, message: 'The body isn’t valid JSON in UTF-8. Check quotes, commas and brackets.' },
  UNSUPPORTED_CONTENT_TYPE: {
    code: 1003,
    http: 415,
    contractHttp: 400,
    message: 'The body must be JSON: send it with content-type: application/json.',
  },
  BODY_TOO_LARGE: { code: 1004, http: 413, contractHttp: 400, message: 'The body is larger than {limit} bytes. Send less.' },
  FORBIDDEN_JSON_KEY: {
    code: 1005,
    http: 400,
    message: 'The body has a key that isn’t allowed anywhere in it. Remove the one listed under errors.',
  },
  JSON_TOO_DEEP: { code: 1006, http: 400, message: 'The body is nested deeper than {limit} levels. Send it flatter.' },
  METHOD_NOT_ALLOWED: {
    code: 1007,
    http: 405,
    contractHttp: 400,
    message: 'This address doesn’t answer that method. It answers {methods}.',
  },
  DESIRED_TIME_PAST: { code: 1008, http: 400, message: 'The desired time lies in the past. Choose a later one.' },
  INVALID_SETTING: { code: 1009, http: 400, message: 'A setting can’t take this value. Correct the column listed under errors.' },
  HEADERS_TOO_LARGE: { code: 1010, http: 431, message: 'The request’s headers are too large. Send fewer or shorter ones.' },
  UNSUPPORTED_CONTENT_ENCODING: {
    code: 1012,
    http: 415,
    contractHttp: 400,
    message: 'The body must not be compressed: send it without content-encoding.',
  },
  REQUEST_TOO_SLOW: { code: 1011, http: 408, message: 'The request took too long to arrive. Send it again.' },

  CREDENTIALS_MISSING: { code: 2001, http: 401, message: 'This needs credentials. Send {credentials}.' },
  CREDENTIALS_UNKNOWN: { code: 2002, http: 401, message: 'These credentials aren’t known here, or not any more. Check the key or token.' },
  RIGHT_MISSING: {
    code: 2003,
    http: 403,
    message: 'These credentials don’t carry the right that this needs. Ask an administrator for it.',
  },
  ...signInErrors,

  ROUTE_NOT_FOUND: { code: 3000, http: 404, message: 'There is nothing at this address. Check the path.' },
  CALLBACK_NOT_FOUND: { code: 3001, http: 404, message: 'There is no callback of this id. Check the id.' },
  ATTEMPT_NOT_FOUND: { code: 3002, http: 404, message: 'There is no attempt of this id. Check the id.' },
  QUEUE_NOT_FOUND: { code: 3003, http: 404, message: 'There is no queue of this name. Check the name.' },
  FAILED_QUERY_NOT_FOUND: {
    code: 3020,
    http: 404,
    message: 'No failed query of this correlation id is listed. They are kept for 14 days; check the id.',
  },

  CANCEL_FORBIDDEN: { code: 4001, http: 409, contractHttp: 400, message: 'This callback is {state}, and can’t be cancelled any more.' },
  RESCHEDULE_FORBIDDEN: {
    code: 4002,
    http: 409,
    contractHttp: 400,
    message: 'This callback is {state}; only a SCHEDULED one can be moved to another time.',
  },
  ...recreateErrors,
  IDEMPOTENCY_KEY_REUSED: {
    code: 4003,
    http: 409,
    message: 'This Idempotency-Key came with another body before. Use a new key for a new request.',
  },
  SLOT_FULL: { code: 4004, http: 429, message: 'The slot of the desired time is full. Choose one of the proposed slots.' },
  PRECONDITION_FAILED: {
    code: 4010,
    http: 412,
    message: 'This was changed meanwhile, or is there already, or is gone. Read it again, and repeat the change on what you find.',
  },
  PRECONDITION_REQUIRED: {
    code: 4011,
    http: 428,
    message: 'Say which version you change: send if-match with the etag that you read, or if-match: * for any.',
  },
  DEFAULT_ROW_STAYS: {
    code: 4012,
    http: 409,
    message: 'The default row can’t be deleted, for every queue takes from it what it leaves open. Edit it instead.',
  },
  QUEUE_HAS_OPEN_CALLBACKS: {
    code: 4013,
    http: 409,
    message: 'The queue still has {count} open callbacks. Cancel them, or wait until they are completed, then delete it.',
  },
  ...operationsErrors,
  ...configurationErrors,
  STALE_SEQUENCE: {
    code: 4020,
    http: 409,
    message: 'A report of this source with this sequence or a higher one came before. Nothing was changed: send a higher sequence.',
  },

  ...accessErrors,

  UNEXPECTED: { code: 5000, http: 500, message: 'Something went wrong in the service. Tell whoever runs it the correlation id.' },
  EVENT_STORE_UNAVAILABLE: {
    code: 5001,
    http: 503,
    retry: 5,
    message:
      'The event store doesn’t answer. A change may or may not have been recorded: look before you repeat it, or repeat it under the same Idempotency-Key.',
  },
  READ_MODELS_UNAVAILABLE: {
    code: 5002,
    http: 503,
    retry: 5,
    message: 'The database behind lists doesn’t answer. Single callbacks and bookings work; try the list again in a moment.',
  },
  NOT_READY: { code: 5003, http: 503, retry: 1, message: 'The service isn’t ready: what it waits for is listed under errors.' },
  CONTENDED: {
    code: 5004,
    http: 503,
    retry: 1,
    message: 'Too many changes of the same thing came at once, and this one was not made. Try again.',
  },
  TIMED_OUT: {
    code: 5005,
    http: 503,
    retry: 5,
    message:
      'The answer took too long. A change may or may not have been recorded: look before you repeat it, or repeat it under the same Idempotency-Key.',
  },
  SHUTTING_DOWN: { code: 5006, http: 503, retry: 1, message: 'The service is shutting down. Try again.' },
  BOOKING_LAPSED: {
    code: 5007,
    http: 503,
    retry: 1,
    message: 'The place was held for too long and was given back before the booking was recorded. Nothing is booked: try again.',
  },

  INVALID_NUMBER: {
    code: 7030,
    http: 400,
    message: 'This can’t be read as a phone number. Send it with + and the country’s calling code.',
  },
  IMPOSSIBLE_NUMBER: { code: 7036, http: 400, message: 'No phone number of that country looks like this. Check its digits.' },
  NUMBER_NOT_ALLOWED: { code: 7037, http: 400, message: 'Numbers of this kind aren’t called back. Give another one.' },
  UNKNOWN_SERVICE: { code: 7040, http: 400, message: 'There is no service of this name. Check the name.' },
  TOO_MANY_REQUESTS: {
    code: 7041,
    http: 429,
    message: 'Too many callbacks were booked for this number or service lately. Try again later.',
  },
  ...bookingErrors,
  OFFICE_CLOSED: { code: 7042, http: 400, message: 'The office is closed at that time. Choose a time within its hours.' },
} as const satisfies Readonly<Record<string, ErrorRow>>;

export type ErrorName = keyof typeof errors;
