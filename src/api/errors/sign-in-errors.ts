/** Rows of the table of errors about signing in and sessions. */
export const signInErrors = {
  SIGN_IN_FAILED: {
    code: 2010,
    http: 401,
    message:
      'The name or the password is wrong, or too many tries have locked the account for a time. Check both, or try again in an hour at most.',
  },
  SESSION_OVER: { code: 2011, http: 401, message: 'The session is over. Sign in again.' },
  FOREIGN_ORIGIN: {
    code: 2012,
    http: 403,
    message:
      'Signing in, and changes by the cookie of a session, must come from a page of this service, and the origin is another or none. Whoever runs it may have to set PUBLIC_URL.',
  },
  CSRF_TOKEN_WRONG: {
    code: 2013,
    http: 403,
    message: 'A change by the cookie of a session needs the header x-csrf-token, with what GET /api/session answers as csrfToken.',
  },
  IDENTITY_PROVIDER_UNAVAILABLE: {
    code: 5010,
    http: 503,
    retry: 5,
    message: 'The identity provider doesn’t answer, so its tokens can’t be checked. Other credentials work; try again in a moment.',
  },
  SESSIONS_UNAVAILABLE: {
    code: 5011,
    http: 503,
    retry: 5,
    message: 'The database of sessions doesn’t answer. Tokens and API keys work; try again in a moment.',
  },
  SIGN_INS_BUSY: { code: 5012, http: 503, retry: 1, message: 'Too many sign in at once. Try again in a moment.' },
} as const;
