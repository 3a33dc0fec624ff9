import type { Hold } from '../domain/callback/events.ts';
import type { Configuration } from '../domain/configuration/state.ts';
import { settingsOf } from '../domain/configuration/state.ts';
import { accumulate, type GiveBackPlace, type Places, placesStream, type TakePlace } from '../domain/places/decider.ts';
import type { PlacesEvent } from '../domain/places/events.ts';
import { dayOf, slotFinder } from '../domain/time/slots.ts';
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
  | { readonly ok: false; readonly refusal: { readonly code: 'SLOT_FULL' } };
export type TakePlaces = (wish: PlaceWish, context: CommandContext) => Promise<PlaceTaken>;

type Contender = {
  readonly wish: PlaceWish;
  readonly context: CommandContext;
  readonly answer: (taken: PlaceTaken) => void;
  readonly fail: (error: unknown) => void;
};

/** The zone that a queue's slots are aligned in: that of its calendar. */
const zoneOf = (configuration: Configuration, businessHours: string | null): string =>
  (businessHours === null ? undefined : configuration.businessHours.get(businessHours)?.zone) ?? 'UTC';

/** How a queue's time is cut into slots, and the capacity of each today; undefined for a queue that isn't there. */
export const slotsOf = (configuration: Configuration, queue: string) => {
  const settings = settingsOf(configuration, queue);
  if (settings === undefined) return undefined;
  const { slotDurationMinutes, businessHours, slotCapacity: capacity } = settings;
  return { slotAt: slotFinder(slotDurationMinutes, zoneOf(configuration, businessHours)), capacity };
};

/** The slot that holds `instant` in a queue, and its capacity today. */
const slotIn = (configuration: Configuration, queue: string, instant: number) => {
  const slots = slotsOf(configuration, queue);
  return slots && { slot: slots.slotAt(instant), capacity: slots.capacity };
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
    const check = checked && found !== undefined ? { ...found, neighbours } : null;
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
