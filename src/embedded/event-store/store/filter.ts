import type { FilterOptions } from '../protocol/read-request.ts';

/** Whether an event is wanted, by its type and its stream's name. */
export type Wanted = (type: string, stream: string) => boolean;

/** Throws SyntaxError for a pattern that is none. */
export const wantedBy = (filter: FilterOptions): Wanted => {
  const { prefixes } = filter;
  const pattern = filter.regex === '' ? undefined : new RegExp(filter.regex);
  const test = (value: string): boolean => pattern?.test(value) ?? prefixes.some((prefix) => value.startsWith(prefix));
  return filter.on === 'type' ? (type) => test(type) : (_, stream) => test(stream);
};
