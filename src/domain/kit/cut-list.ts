import { z } from 'zod';

/**
 * A list of at most `most` items, read no further than to the first that is wrong: a body of 16 MB could hold millions of those, and what is to
 * be said of each fills the memory. `isRight` may tell cheaply what `item` would.
 */
export const cutList = <T extends z.ZodType>(
  item: T,
  most: number,
  isRight: (value: unknown) => boolean = (value) => item.safeParse(value).success,
) =>
  z.preprocess((value) => {
    if (!Array.isArray(value) || value.length > most) return value;
    const wrong = value.findIndex((one) => !isRight(one));
    return wrong === -1 ? value : value.slice(0, wrong + 1);
  }, z.array(item).max(most));
