/** Refused at once: too many wait already. */
export class TooManyWaitingError extends Error {
  override readonly name = 'TooManyWaitingError';
}

/** Does a piece of work when its turn has come. Rejects with TooManyWaitingError when it would wait behind too many. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

/** Turns of which `atOnce` are taken at a time, in the order of their asking, while at most `mostWaiting` wait. */
export const turns = (atOnce: number, mostWaiting: number): Turns => {
  let taken = 0;
  const waiting: (() => void)[] = [];
  const turn = (): Promise<void> => {
    if (taken < atOnce) {
      taken++;
      return Promise.resolve();
    }
    if (waiting.length >= mostWaiting) return Promise.reject(new TooManyWaitingError(`more than ${mostWaiting} wait for their turn`));
    return new Promise((resolve) => waiting.push(resolve));
  };
  const done = (): void => {
    const next = waiting.shift();
    if (next === undefined) taken--;
    else next(); // takes the turn over
  };
  return async (work) => {
    await turn();
    try {
      return await work();
    } finally {
      done();
    }
  };
};
