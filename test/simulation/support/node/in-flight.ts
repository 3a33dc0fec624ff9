/** What is on its way between the service and its stores: while anything is, the clock of a simulation stands still. */
export type InFlight = {
  /** Counts `work` until it settles. */
  readonly during: <T>(work: () => Promise<T>) => Promise<T>;
  readonly any: () => boolean;
  /** Nothing of what is on its way is waited for any more. */
  readonly forget: () => void;
};

export const inFlight = (): InFlight => {
  let count = 0;
  let forgotten = false;
  return {
    during: async (work) => {
      count++;
      try {
        return await work();
      } finally {
        count--;
      }
    },
    any: () => !forgotten && count > 0,
    forget: () => {
      forgotten = true;
    },
  };
};
