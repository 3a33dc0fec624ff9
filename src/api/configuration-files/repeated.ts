import type { z } from 'zod';

/** Refuses a list that names something twice under `field`. */
export const refuseRepeated =
  <F extends string>(field: F) =>
  (items: readonly { readonly [K in F]: string }[], context: z.RefinementCtx): void => {
    const seen = new Set<string>();
    for (const [index, item] of items.entries()) {
      if (seen.has(item[field])) context.addIssue({ code: 'custom', path: [index, field], message: 'is there twice' });
      seen.add(item[field]);
    }
  };
