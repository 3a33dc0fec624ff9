/** Runs work under a name, one at a time: another one meanwhile is refused with a sentence. */
export type OneAtATime = <T>(name: string, work: () => Promise<T>) => Promise<T>;

export const oneAtATime = (): OneAtATime => {
  let underWay: string | undefined;
  return async (name, work) => {
    if (underWay !== undefined) throw new Error(`A ${underWay} is under way: ask for the ${name} again when it is done.`);
    underWay = name;
    try {
      return await work();
    } finally {
      underWay = undefined;
    }
  };
};
