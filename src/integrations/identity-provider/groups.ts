import { z } from 'zod';

/** How the provider's names of groups become access groups (8.2): those that begin with a prefix, without it; those of a map; or all, as they are. */
export type GroupNames = { readonly prefix: string } | { readonly map: Readonly<Record<string, readonly string[]>> } | 'as-they-are';

const names = z.union([z.string().transform((name) => [name]), z.array(z.string())]);

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** A claim by its name, or where there is none of that name, by its path: `realm_access.roles`. */
export const claimAt = (claims: object, name: string): unknown => {
  if (Object.hasOwn(claims, name)) return Reflect.get(claims, name);
  return name
    .split('.')
    .reduce<unknown>((inside, part) => (isObject(inside) && Object.hasOwn(inside, part) ? Reflect.get(inside, part) : undefined), claims);
};

const accessGroups = (name: string, how: GroupNames): readonly string[] => {
  if (how === 'as-they-are') return [name];
  if ('prefix' in how) return name.startsWith(how.prefix) ? [name.slice(how.prefix.length)] : [];
  return Object.hasOwn(how.map, name) ? (how.map[name] ?? []) : [];
};

/** The access groups that a claim puts somebody into; none where it is missing, or is no list of names. Sorted, each once. */
export const groupsIn = (claim: unknown, how: GroupNames): readonly string[] => {
  const found = names.safeParse(claim);
  return found.success ? [...new Set(found.data.flatMap((name) => accessGroups(name, how)))].sort() : [];
};
