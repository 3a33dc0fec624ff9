export type Mutex = <T>(work: () => Promise<T>) => Promise<T>;

/** Runs one piece of work at a time, in the order asked. */
export const mutex = (): Mutex => {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work, work);
    last = done.catch(() => undefined);
    return done;
  };
};
