const SHOWN_FIRST = 4;
const SHOWN_LAST = 2;

/** A number with only enough of it left to tell it from others: `+121••••••23`. */
export const masked = (phoneNumber: string): string => {
  const hidden = Math.max(0, phoneNumber.length - SHOWN_FIRST - SHOWN_LAST);
  return phoneNumber.slice(0, SHOWN_FIRST) + '•'.repeat(hidden) + phoneNumber.slice(SHOWN_FIRST + hidden);
};
