import type { Hold } from '../domain/callback/events.ts';
import { assignedRule } from '../domain/configuration/rule-state.ts';
import type { Configuration } from '../domain/configuration/state.ts';
import { settingsOf } from '../domain/configuration/state.ts';
import { accumulate, type GiveBackPlace, type Places, placesStream, type TakePlace } from '../domain/places/decider.ts';
import type { PlacesEvent } from '../domain/places/events.ts';
import { capacityAt } from '../domain/rules/capacity-at.ts';
import { calendarOf } from '../domain/time/calendar.ts';
import { isOpenAt } from '../domain/time/opening.ts';
import { dayOf, type Slot, slotFinder } from '../domain/time/slots.ts';
import { localOf, zoneOf } from '../domain/time/zone.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import { ContendedError, fold, handle } from './handle.ts';
import { placesKind } from './streams.ts';

const ATTEMPTS = 10;
/** Contenders of one append, which holds 1 MiB. */
const BATCH = 500;

/** A wish for a place at `instant` (epoch ms); `checked` refuses it when its slot is full. */
export type PlaceWish = {
  readonly queue: string;
  readonly callbackId: string;
  readonly holdId: string;
  readonly instant: number;
  readonly decidedAt: number | null;
  readonly checked: boolean;
  readonly now: string;
};
export type PlaceTaken =
  | { readonly ok: true; readonly hold: Hold }
  | { readonly ok: false; readonly refusal: { readonly code: 'SLOT_FULL' | 'OFFICE_CLOSED' } };
/** The desired time of a user's scheduled callback lies in no open slot (1.5). */
export type OfficeClosed = { readonly code: 'OFFICE_CLOSED' };

/** Why a place at `desiredTime` (epoch ms) wasn't to be had. */
export const notTaken = (code: 'SLOT_FULL' | 'OFFICE_CLOSED', queue: string, desiredTime: number) =>
  code === 'SLOT_FULL' ? { code, queue, desiredTime } : { code };

export type TakePlaces = (wish: PlaceWish, context: CommandContext) => Promise<PlaceTaken>;

type Contender = {
  readonly wish: PlaceWish;
  readonly context: CommandContext;
  readonly answer: (taken: PlaceTaken) => void;
  readonly fail: (error: unknown) => void;
};

/** How a queue's time is cut into slots (3.2), which of them are open, and the capacity of each today: its rule's, if it has one (4.2); undefined for a queue that isn't there. */
export const slotsOf = (configuration: Configuration, queue: string) => {
  const settings = settingsOf(configuration, queue);
  if (settings === undefined) return undefined;
  const { slotDurationMinutes, businessHours, slotCapacity } = settings;
  const rule = assignedRule(configuration.rules, 'capacity', queue);
  const hours = businessHours === null ? undefined : configuration.businessHours.get(businessHours)?.hours;
  const calendar = hours && calendarOf(hours);
  const zone = hours?.zone ?? 'UTC';
  return {
    slotAt: slotFinder(slotDurationMinutes, zone),
    /** Whether the office is open as a slot begins; a queue without hours always is. */
    isOpen: ({ start }: Slot): boolean => calendar === undefined || isOpenAt(calendar, start),
    capacityOf: ({ start }: Slot): number => (rule === undefined ? slotCapacity : capacityAt(rule, localOf(zoneOf(zone), start))),
  };
};

/** The slot that holds `instant` in a queue, and its capacity today. */
const slotIn = (configuration: Configuration, queue: string, instant: number) => {
  const slots = slotsOf(configuration, queue);
  if (slots === undefined) return undefined;
  const slot = slots.slotAt(instant);
  return { slot, capacity: slots.capacityOf(slot), isOpen: slots.isOpen(slot) };
};

/**
 * Takes places (1.5). Wishes that didn't ask for the check append without looking; those that did are decided at the revision read,
 * and the contenders of one stream in this node in one batch, so that a crowd costs one read and one append.
 */
export const placeTaker = (store: EventStore, configuration: () => Configuration): TakePlaces => {
  const waiting = new Map<string, Contender[]>();

  const command = (wish: PlaceWish, day: string, neighbours: number): TakePlace => {
    const { queue, callbackId, holdId, instant, decidedAt, checked, now } = wish;
    const found = slotIn(configuration(), queue, instant);
    const check = checked && found !== undefined ? { slot: found.slot, capacity: found.capacity, neighbours } : null;
    return { type: 'TakePlace', queue, callbackId, holdId, instant: new Date(instant).toISOString(), day, decidedAt, check, now };
  };

  const decideBatch = (places: Places, day: string, batch: readonly Contender[]) => {
    const state = new Map(places);
    return batch.map(({ wish, context }): { events: readonly PlacesEvent[]; context: CommandContext; full: boolean } => {
      const decision = placesKind.decider.decide(command(wish, day, 0), state);
      if (!decision.ok) return { events: [], context, full: true };
      for (const event of decision.events) accumulate(state, event);
      return { events: decision.events, context, full: false };
    });
  };

  const holdOf = ({ holdId, instant }: PlaceWish, day: string): Hold => ({ holdId, instant: new Date(instant).toISOString(), day });

  const takeBatch = async (stream: string, day: string, batch: readonly Contender[]): Promise<void> => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { state, revision } = await fold(store, placesKind, stream);
      const answers = decideBatch(state, day, batch);
      const events = answers.flatMap((answer) => answer.events);
      const contexts = answers.flatMap((answer) => answer.events.map(() => answer.context));
      const appended = events.length === 0 ? { ok: true } : await store.append(stream, events, revision ?? 'no-stream', contexts);
      if (!appended.ok) continue;
      for (const [index, { wish, answer }] of batch.entries()) {
        answer(answers[index]?.full ? { ok: false, refusal: { code: 'SLOT_FULL' } } : { ok: true, hold: holdOf(wish, day) });
      }
      return;
    }
    throw new ContendedError(`places of ${day}: another writer came first ${ATTEMPTS} times`);
  };

  const drain = async (stream: string, day: string): Promise<void> => {
    for (let batch = waiting.get(stream); batch !== undefined && batch.length > 0; batch = waiting.get(stream)) {
      waiting.set(stream, batch.slice(BATCH));
      const contenders = batch.slice(0, BATCH);
      await takeBatch(stream, day, contenders).catch((error) => {
        for (const { fail } of contenders) fail(error);
      });
    }
    waiting.delete(stream);
  };

  return (wish, context) => {
    const found = slotIn(configuration(), wish.queue, wish.instant);
    // A user names an open slot, while a client who asks for the check has it of the capacity only (1.5).
    if (wish.checked && context.actor.kind === 'user' && found?.isOpen === false) {
      return Promise.resolve({ ok: false, refusal: { code: 'OFFICE_CLOSED' } });
    }
    const day = dayOf(found?.slot.start ?? wish.instant);
    const stream = placesStream(wish.queue, day);
    if (!wish.checked) {
      const decision = placesKind.decider.decide(command(wish, day, 0), placesKind.decider.initial);
      if (!decision.ok) return Promise.resolve({ ok: false, refusal: decision.refusal });
      return store.append(stream, decision.events, 'any', context).then(() => ({ ok: true, hold: holdOf(wish, day) }));
    }
    return new Promise((answer, fail) => {
      const contender = { wish, context, answer, fail };
      const queued = waiting.get(stream);
      if (queued !== undefined) queued.push(contender);
      else {
        waiting.set(stream, [contender]);
        setImmediate(() => void drain(stream, day));
      }
    });
  };
};

/** Gives a held place back; a place that isn't held any more stays as it is. */
export const giveBackPlace = async (
  store: EventStore,
  {
    queue,
    callbackId,
    hold,
    because,
    now,
  }: { queue: string; callbackId: string; hold: Hold; because: GiveBackPlace['because']; now: string },
  context: CommandContext,
): Promise<void> => {
  const { holdId, instant, day } = hold;
  await handle(
    store,
    placesKind,
    placesStream(queue, day),
    { type: 'GiveBackPlace', queue, callbackId, holdId, instant, because, now },
    context,
  );
};
