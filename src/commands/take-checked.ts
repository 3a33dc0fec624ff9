import type { Hold } from '../domain/callback/events.ts';
import type { Configuration } from '../domain/configuration/state.ts';
import { accumulate, daysOf, type Places, placesStream, type TakePlace } from '../domain/places/decider.ts';
import type { PlacesEvent } from '../domain/places/events.ts';
import { slotsOf } from '../domain/places/queue-slots.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import type { Folded } from './folded.ts';
import { giveBackPlace } from './give-back.ts';
import { ContendedError, fold } from './handle.ts';
import type { PlaceTaken, PlaceWish } from './place-wish.ts';
import { placesKind } from './streams.ts';

const ATTEMPTS = 10;

export type Contender = { readonly wish: PlaceWish; readonly context: CommandContext };

/** What is to be done for a wish under a configuration; a queue that isn't there any more checks nothing. */
export const takeCommand = (configuration: Configuration, wish: PlaceWish, day: string, neighbours: Places): TakePlace => {
  const { queue, callbackId, holdId, instant, decidedAt, checked, now } = wish;
  const slots = checked ? slotsOf(configuration, queue) : undefined;
  const slot = slots?.slotAt(instant);
  const check = slots && slot ? { slot, capacity: slots.capacityOf(slot), neighbours } : null;
  return { type: 'TakePlace', queue, callbackId, holdId, instant: new Date(instant).toISOString(), day, decidedAt, check, now };
};

export const holdOf = ({ holdId, instant }: PlaceWish, day: string): Hold => ({ holdId, instant: new Date(instant).toISOString(), day });

/** What each wish comes to when they are decided one after the other; null for a full slot. */
const decideAll = (configuration: Configuration, held: Places, neighbours: Places, day: string, batch: readonly Contender[]) => {
  const state = new Map(held);
  return batch.map(({ wish }): readonly PlacesEvent[] | null => {
    const decision = placesKind.decider.decide(takeCommand(configuration, wish, day, neighbours), state);
    if (!decision.ok) return null;
    for (const event of decision.events) accumulate(state, event);
    return decision.events;
  });
};

type Neighbour = Folded<Places> & { readonly stream: string };

/** The neighbour's holds as they were at a position of the log; undefined when nothing had been added since it was read. */
const asOf = async (store: EventStore, { stream, state, revision }: Neighbour, position: bigint): Promise<Places | undefined> => {
  const later = new Map(state);
  let isAnother = false;
  for await (const event of store.readStream(stream, { from: revision === undefined ? 0n : revision + 1n })) {
    if (event.position > position) break;
    if (!placesKind.isOwn(event)) continue;
    accumulate(later, event);
    isAnother = true;
  }
  return isAnother ? later : undefined;
};

const merged = (all: readonly Places[]): Places => new Map(all.flatMap((places) => [...places]));

/**
 * Takes places of one queue on one UTC day for several who ask for the check (1.5), in one append at the revision read. A slot near midnight
 * may hold places of the neighbouring day too (ADR 32): that day is read beside, and once more after the append, as it was at that very position
 * of the log. Whoever then turns out to have come too late gives his place back before anybody hears of it; where that fails, so does he alone,
 * and a process gives the place back.
 */
export const takeChecked = async (
  store: EventStore,
  configuration: () => Configuration,
  { queue, day }: { readonly queue: string; readonly day: string },
  batch: readonly Contender[],
): Promise<readonly PromiseSettledResult<PlaceTaken>[]> => {
  const stream = placesStream(queue, day);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const current = configuration();
    const slots = slotsOf(current, queue);
    const days = new Set(batch.flatMap(({ wish }) => (slots === undefined ? [] : daysOf(slots.slotAt(wish.instant)))));
    days.delete(day);
    const [own, ...neighbours] = await Promise.all([
      fold(store, placesKind, stream),
      ...[...days].map(async (one) => ({ ...(await fold(store, placesKind, placesStream(queue, one))), stream: placesStream(queue, one) })),
    ]);
    const decided = decideAll(current, own.state, merged(neighbours.map(({ state }) => state)), day, batch);
    const events = decided.flatMap((one) => one ?? []);
    const contexts = decided.flatMap((one, index) => (one ?? []).flatMap(() => batch[index]?.context ?? []));
    const appended = events.length === 0 ? undefined : await store.append(stream, events, own.revision ?? 'no-stream', contexts);
    if (appended?.ok === false) continue;

    const seen = [own, ...neighbours].reduce<bigint>(
      (last, { position = 0n }) => (position > last ? position : last),
      appended?.position ?? 0n,
    );
    const full = { ok: false, refusal: { code: 'SLOT_FULL', position: seen } } as const;
    const later = appended && (await Promise.all(neighbours.map((one) => asOf(store, one, appended.position))));
    const again = later?.some((one) => one !== undefined)
      ? decideAll(current, own.state, merged(neighbours.map(({ state }, index) => later[index] ?? state)), day, batch)
      : decided;
    return Promise.allSettled(
      batch.map(async ({ wish, context }, index): Promise<PlaceTaken> => {
        const hold = holdOf(wish, day);
        if (decided[index] === null) return full;
        if (again[index] !== null) return { ok: true, hold };
        await giveBackPlace(store, { queue, callbackId: wish.callbackId, hold, because: 'REFUSED', now: wish.now }, context);
        return full;
      }),
    );
  }
  throw new ContendedError(`places of ${day}: another writer came first ${ATTEMPTS} times`);
};
