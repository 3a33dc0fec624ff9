/** Why a callback isn't booked anew (1.9). */
export const recreateErrors = {
  RECREATE_FORBIDDEN: { code: 4030, http: 409, message: 'This callback is {state}; only a COMPLETED one can be recreated.' },
  PERSONAL_DATA_GONE: { code: 4031, http: 409, message: 'This callback’s number is gone, so that nobody can be called. Book a new one.' },
} as const;
