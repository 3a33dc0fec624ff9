import type { DomainEvent } from '../domain/catalogue.ts';
import type { Recorded } from '../domain/kit/events.ts';

/** A fold in memory that every node follows. `apply` gets every event of the log, in order, and changes what the view holds. */
export type LiveView = { readonly name: string; readonly apply: (event: Recorded<DomainEvent>) => void };
