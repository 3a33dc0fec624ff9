import { specOf } from '../../domain/catalogue.ts';
import type { Feed } from '../../eventstore/event-store.ts';
import type { Event } from './projection.ts';

/** The event as a reader sees it that declares no personal fields, or once the key is gone: they are null. */
export const withoutPersonal = (event: Event): Event => {
  const personal = specOf(event.type)?.personal ?? [];
  if (personal.length === 0) return event;
  const nulls = Object.fromEntries(personal.map((name) => [name, null]));
  // The schema of every personal field allows null, which the compiler can't follow from a type known at run time only.
  return { ...event, data: { ...event.data, ...nulls } } as Event;
};

/** What came from the log, as those see it that declare no personal fields. */
export const feedWithoutPersonal = <Item extends Feed>(items: readonly Item[]): Item[] =>
  items.map((item) => {
    if (item.kind !== 'event') return item;
    const event = withoutPersonal(item.event);
    return event === item.event ? item : { ...item, event };
  });
