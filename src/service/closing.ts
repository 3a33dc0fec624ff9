/** What was opened, in order; each closes itself. */
export type Closing = (() => unknown)[];

/** Closes everything, last opened first; one that fails holds up no other. Rejects with the first failure when all are closed. */
export const closeAll = async (closing: Closing): Promise<void> => {
  const failures: unknown[] = [];
  for (const closeOne of closing.splice(0).reverse()) {
    try {
      await closeOne();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
};

/** Closes everything after a failure, which is what counts: failures of closing are dropped. */
export const closeAfterFailure = (closing: Closing): Promise<void> => closeAll(closing).catch(() => undefined);
