import { accept, type Decider, type Decision, refuse } from '../kit/decider.ts';
import { dayOf, type Slot } from '../time/slots.ts';
import type { PlacesEvent } from './events.ts';

/** The holds of one day of a queue, by `holdId`: whose each is, and the instant (epoch ms) that it was taken for. */
export type HeldAt = { readonly callbackId: string; readonly instant: number };
export type Places = ReadonlyMap<string, HeldAt>;

export type TakePlace = {
  readonly type: 'TakePlace';
  readonly queue: string;
  readonly callbackId: string;
  readonly holdId: string;
  readonly instant: string;
  readonly day: string;
  readonly decidedAt: number | null;
  /** Null: taken without looking. Otherwise refused when others hold `capacity` of the slot already; `neighbours` are the holds of an adjoining day. */
  readonly check: { readonly slot: Slot; readonly capacity: number; readonly neighbours: Places } | null;
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

const none: Places = new Map();

/**
 * How many callbacks hold a place inside a slot, whatever slot it was taken in: a changed duration moves nothing. `but` isn't counted.
 * One that holds two, while it moves within the slot or is booked twice under one Idempotency-Key, will keep one of them.
 */
export const load = (places: Places, slot: Slot, but?: string, neighbours = none): number => {
  const callbacks = new Set<string>();
  for (const held of [places, neighbours])
    for (const { callbackId, instant } of held.values())
      if (instant >= slot.start && instant < slot.end && callbackId !== but) callbacks.add(callbackId);
  return callbacks.size;
};

const decide = (command: PlacesCommand, places: Places): Decision<PlacesEvent, PlacesRefusal> => {
  const { queue, callbackId, holdId, instant, now } = command;
  if (command.type === 'GiveBackPlace') {
    const data = { queue, callbackId, holdId, instant, because: command.because, at: now };
    return places.has(holdId) ? accept({ type: 'PlaceGivenBack', data }) : accept();
  }
  if (places.has(holdId)) return accept();
  const { check, decidedAt, day } = command;
  if (check !== null && load(places, check.slot, callbackId, check.neighbours) >= check.capacity) return refuse({ code: 'SLOT_FULL' });
  return accept({ type: 'PlaceTaken', data: { queue, callbackId, holdId, instant, day, checked: check !== null, decidedAt, at: now } });
};

/** Adds one event to places that nobody else holds: a busy day is folded without a copy an event. */
export const accumulate = (places: Map<string, HeldAt>, { type, data }: PlacesEvent): void => {
  if (type === 'PlaceTaken') places.set(data.holdId, { callbackId: data.callbackId, instant: Date.parse(data.instant) });
  else places.delete(data.holdId);
};

const evolve = (places: Places, event: PlacesEvent): Places => {
  const next = new Map(places);
  accumulate(next, event);
  return next;
};

/** Places of one queue on one UTC day (1.5). */
export const places: Decider<Places, PlacesCommand, PlacesEvent, PlacesRefusal> = { initial: none, evolve, decide };

export const placesStream = (queue: string, day: string): string => `places-${queue}-${day}`;

/** More than any slot lasts: one is two hours long at most, and clocks moved within it lengthen it by less than that again. */
const LONGEST_SLOT_MS = 4 * 3_600_000;

/**
 * The UTC days, two at most, on whose streams there may be places inside a slot. Each stands on the day on which its own slot began when it
 * was taken, and time may have been cut otherwise then: that slot began less than the longest lasts before the place's instant.
 */
export const daysOf = ({ start, end }: Slot): readonly string[] => [
  ...new Set([dayOf(start - LONGEST_SLOT_MS), dayOf(start), dayOf(end - 1)]),
];
