const diskErrors = /no space|ENOSPC|EFBIG|too large|input\/output/i;

/** The sentence for a client whose append couldn't be written. */
export const notWritten = (error: unknown): string => {
  const reason = error instanceof Error ? error.message : String(error);
  return diskErrors.test(reason)
    ? `The disk is full or failing (${reason}): nothing was written. Reading goes on; appends will work again once there is space.`
    : `Nothing was written: ${reason}`;
};
