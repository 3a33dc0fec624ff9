import { accessEvents } from './access/events.ts';
import { auditEvents } from './audit/events.ts';
import { businessDayEvents } from './business-day/events.ts';
import { callbackEvents } from './callback/events.ts';
import { configurationEvents } from './configuration/events.ts';
import { dispatchEvents } from './dispatch/events.ts';
import { doNotCallEvents } from './do-not-call/events.ts';
import { duplicatesEvents } from './duplicates/events.ts';
import type { EventOf, EventSpec } from './kit/events.ts';
import { operationsEvents } from './operations/events.ts';
import { placesEvents } from './places/events.ts';

/** Every event type there is. Types are unique across streams. */
export const catalogue = {
  ...callbackEvents,
  ...placesEvents,
  ...duplicatesEvents,
  ...dispatchEvents,
  ...businessDayEvents,
  ...doNotCallEvents,
  ...configurationEvents,
  ...accessEvents,
  ...auditEvents,
  ...operationsEvents,
} as const;

export type DomainEvent = EventOf<typeof catalogue>;
export type EventType = DomainEvent['type'];

const specs: ReadonlyMap<string, EventSpec> = new Map(Object.entries(catalogue));

/** The catalogue's row of a type; undefined for a type that this code doesn't know. */
export const specOf = (type: string): EventSpec | undefined => specs.get(type);

/** Whether events of a type hold personal data; false for a type that this code doesn't know. */
export const holdsPersonalData = (type: string): boolean => (specOf(type)?.personal.length ?? 0) > 0;
