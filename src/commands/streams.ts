import { mayRead, type Reads } from '../domain/access/reads.ts';
import { type BusinessDayCommand, type BusinessDays, businessDays } from '../domain/business-day/decider.ts';
import { type BusinessDayEvent, businessDayEvents } from '../domain/business-day/events.ts';
import type { CallbackCommand, CallbackRefusal } from '../domain/callback/commands.ts';
import { callback } from '../domain/callback/decider.ts';
import { type CallbackEvent, callbackEvents } from '../domain/callback/events.ts';
import type { CallbackState } from '../domain/callback/state.ts';
import type { DomainEvent } from '../domain/catalogue.ts';
import { type Claims, type DuplicatesCommand, type DuplicatesRefusal, duplicates } from '../domain/duplicates/decider.ts';
import { type DuplicatesEvent, duplicatesEvents } from '../domain/duplicates/events.ts';
import { refuse } from '../domain/kit/decider.ts';
import { accumulate, type HeldAt, type Places, type PlacesCommand, type PlacesRefusal, places } from '../domain/places/decider.ts';
import { type PlacesEvent, placesEvents } from '../domain/places/events.ts';
import { draftFolder, type StreamKind } from './handle.ts';
import { recentStates } from './recent-states.ts';

/** Named by its events: inferred from the catalogue, their union would be crossed with all others. */
const of =
  <E extends DomainEvent>(catalogue: Readonly<Record<E['type'], unknown>>) =>
  (event: DomainEvent): event is E =>
    event.type in catalogue;

export const callbackKind: StreamKind<CallbackState, CallbackCommand, CallbackEvent, CallbackRefusal> = {
  decider: callback,
  isOwn: of<CallbackEvent>(callbackEvents),
  recent: recentStates(),
};

/** The same for somebody for whom callbacks of other queues don't exist (8.2). */
export const callbackKindFor = (reads: Reads): typeof callbackKind => {
  if (reads === 'all') return callbackKind;
  const decide: typeof callback.decide = (command, state) =>
    state.state !== 'NONE' && !mayRead(reads, state.queue) ? refuse({ code: 'UNKNOWN_CALLBACK' }) : callback.decide(command, state);
  return { ...callbackKind, decider: { ...callback, decide } };
};

export const duplicatesKind: StreamKind<Claims, DuplicatesCommand, DuplicatesEvent, DuplicatesRefusal> = {
  decider: duplicates,
  isOwn: of<DuplicatesEvent>(duplicatesEvents),
};

export const placesKind: StreamKind<Places, PlacesCommand, PlacesEvent, PlacesRefusal> = {
  decider: places,
  isOwn: of<PlacesEvent>(placesEvents),
  folder: draftFolder(places.initial, (held): Map<string, HeldAt> => new Map(held), accumulate),
};

export const businessDaysKind: StreamKind<BusinessDays, BusinessDayCommand, BusinessDayEvent, never> = {
  decider: businessDays,
  isOwn: of<BusinessDayEvent>(businessDayEvents),
};
