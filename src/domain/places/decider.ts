import { accept, type Decider, type Decision, refuse } from '../kit/decider.ts';
import type { Slot } from '../time/slots.ts';
import type { PlacesEvent } from './events.ts';

/** The holds of one day of a queue, by `holdId`: the instant (epoch ms) that each was taken for. */
export type Places = ReadonlyMap<string, number>;

export type TakePlace = {
  readonly type: 'TakePlace';
  readonly queue: string;
  readonly callbackId: string;
  readonly holdId: string;
  readonly instant: string;
  readonly day: string;
  readonly decidedAt: number | null;
  /** Null: taken without looking. Otherwise refused when the slot already holds `capacity`; `neighbours` counts holds inside it from adjoining days. */
  readonly check: { readonly slot: Slot; readonly capacity: number; readonly neighbours: number } | null;
  readonly now: string;
};
export type GiveBackPlace = {
  readonly type: 'GiveBackPlace';
  readonly queue: string;
  readonly callbackId: string;
  readonly holdId: string;
  readonly instant: string;
  readonly because: Extract<PlacesEvent, { type: 'PlaceGivenBack' }>['data']['because'];
  readonly now: string;
};
export type PlacesCommand = TakePlace | GiveBackPlace;
export type PlacesRefusal = { readonly code: 'SLOT_FULL' };

/** How many of the holds lie inside a slot, whatever slot they were taken in: a changed duration moves nothing. */
export const load = (places: Places, slot: Slot): number => {
  let count = 0;
  for (const at of places.values()) if (at >= slot.start && at < slot.end) count++;
  return count;
};

const decide = (command: PlacesCommand, places: Places): Decision<PlacesEvent, PlacesRefusal> => {
  const { queue, callbackId, holdId, instant, now } = command;
  if (command.type === 'GiveBackPlace') {
    const data = { queue, callbackId, holdId, instant, because: command.because, at: now };
    return places.has(holdId) ? accept({ type: 'PlaceGivenBack', data }) : accept();
  }
  if (places.has(holdId)) return accept();
  const { check, decidedAt, day } = command;
  if (check !== null && load(places, check.slot) + check.neighbours >= check.capacity) return refuse({ code: 'SLOT_FULL' });
  return accept({ type: 'PlaceTaken', data: { queue, callbackId, holdId, instant, day, checked: check !== null, decidedAt, at: now } });
};

const evolve = (places: Places, event: PlacesEvent): Places => {
  const next = new Map(places);
  if (event.type === 'PlaceTaken') next.set(event.data.holdId, Date.parse(event.data.instant));
  else next.delete(event.data.holdId);
  return next;
};

/** Places of one queue on one UTC day (1.5). */
export const places: Decider<Places, PlacesCommand, PlacesEvent, PlacesRefusal> = { initial: new Map(), evolve, decide };

export const placesStream = (queue: string, day: string): string => `places-${queue}-${day}`;
