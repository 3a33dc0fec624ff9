import type { DomainEvent } from '../domain/catalogue.ts';
import type { Recorded } from '../domain/kit/events.ts';

/** A fold in memory that every node follows. `apply` gets every event of the log after its seed, in order, and changes what the view holds. */
export type LiveView = { readonly name: string; readonly apply: (event: Recorded<DomainEvent>) => void };

/** A view with the position that it was seeded up to; undefined: nothing, it folds the log from its start. */
export type SeededView = { readonly view: LiveView; readonly after: bigint | undefined };
