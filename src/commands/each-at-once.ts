/** Does something with each in order, so many at once at most. Rejects with what fails first; what has begun by then goes on. */
export const eachAtOnce = async <T>(all: Iterable<T>, atOnce: number, work: (one: T) => Promise<unknown>): Promise<void> => {
  const left = all[Symbol.iterator]();
  const inTurn = async (): Promise<void> => {
    for (let next = left.next(); next.done !== true; next = left.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, inTurn));
};
