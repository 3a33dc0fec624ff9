import { callbackOf } from '../domain/callback-of.ts';
import type { DomainEvent } from '../domain/catalogue.ts';
import type { Event } from '../projections/kit/projection.ts';

/** For a process that has an instance a callback: the callback that an event of these types is about. */
export const callbackInstance = (...types: readonly DomainEvent['type'][]): ((event: Event) => string | undefined) => {
  const relevant: ReadonlySet<string> = new Set(types);
  return (event) => (relevant.has(event.type) ? callbackOf(event) : undefined);
};
