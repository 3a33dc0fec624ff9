/** The sentence for a client whose append couldn't be written. */
export const notWritten = (error: unknown): string => {
  const reason = error instanceof Error ? error.message : String(error);
  return /no space|ENOSPC|too large|EFBIG|MAP_FULL/i.test(reason)
    ? 'The disk is full: nothing was written. Reading goes on; appends will work again when there is space.'
    : `Nothing was written: ${reason}`;
};
