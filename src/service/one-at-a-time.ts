/** Runs work under a name, one at a time: another one meanwhile is refused with a sentence. `underWay` names the one that runs. */
export type OneAtATime = {
  <T>(name: string, work: () => Promise<T>): Promise<T>;
  readonly underWay: () => string | undefined;
};

export const oneAtATime = (): OneAtATime => {
  let underWay: string | undefined;
  const run = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    if (underWay !== undefined) throw new Error(`A ${underWay} is under way: ask for the ${name} again when it is done.`);
    underWay = name;
    try {
      return await work();
    } finally {
      underWay = undefined;
    }
  };
  return Object.assign(run, { underWay: () => underWay });
};
