import type { FilterOptions } from '../protocol/read-request.ts';

/** What a filter looks at, and whether it wants an event with that type or in that stream. */
export type Wanted = { readonly on: 'type' | 'stream'; readonly test: (value: string) => boolean };

/** Throws SyntaxError for a pattern that is none. An expression without pattern or prefix wants nothing. */
export const wantedBy = ({ on, regex, prefixes }: FilterOptions): Wanted => {
  const pattern = regex === '' ? undefined : new RegExp(regex);
  return { on, test: (value) => pattern?.test(value) ?? prefixes.some((prefix) => value.startsWith(prefix)) };
};
