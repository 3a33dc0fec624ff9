import type { z } from 'zod';

/** The name of something in a list, as far as it could be read. */
const nameIn = (item: unknown, field: string): unknown =>
  typeof item === 'object' && item !== null ? Reflect.get(item, field) : undefined;

/** Refuses a list that names something twice under `field`; goes with `alsoBesideErrors`. */
export const refuseRepeated =
  <F extends string>(field: F) =>
  (items: readonly { readonly [K in F]: string }[], context: z.RefinementCtx): void => {
    const seen = new Set<string>();
    for (const [index, item] of items.entries()) {
      const name = nameIn(item, field);
      if (typeof name !== 'string') continue;
      if (seen.has(name)) context.addIssue({ code: 'custom', path: [index, field], message: 'is there twice' });
      seen.add(name);
    }
  };

/** Lets it look at a list whose items have errors, too, for a file is told everything that is wrong with it at once (2.5). */
export const alsoBesideErrors = { when: ({ value }: { readonly value: unknown }): boolean => Array.isArray(value) };
