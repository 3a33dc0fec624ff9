import type { EventStore } from './event-store.ts';

/** The same event store, and where the last event lies that was appended through it; undefined before the first. */
export const noting = (store: EventStore): { readonly store: EventStore; readonly lastAppended: () => bigint | undefined } => {
  let last: bigint | undefined;
  const append: EventStore['append'] = async (...what) => {
    const appended = await store.append(...what);
    if (appended.ok && (last === undefined || appended.position > last)) last = appended.position;
    return appended;
  };
  return { store: { ...store, append }, lastAppended: () => last };
};
