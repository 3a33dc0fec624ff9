/**
 * The least of `items` with which `fails` still answers true, as far as `most` tries find it: parts are left out, ever smaller ones, while it
 * does. With all of them it does.
 */
export const shrunk = async <T>(
  items: readonly T[],
  fails: (some: readonly T[]) => Promise<boolean>,
  most: number,
): Promise<readonly T[]> => {
  let least = items;
  let tries = 0;
  for (let part = Math.ceil(least.length / 2); part >= 1; part = part === 1 ? 0 : Math.ceil(part / 2)) {
    for (let from = 0; from < least.length && tries < most; ) {
      const without = [...least.slice(0, from), ...least.slice(from + part)];
      tries++;
      if (await fails(without)) least = without;
      else from += part;
    }
  }
  return least;
};
