import type { Configuration } from '../domain/configuration/state.ts';
import { placesStream } from '../domain/places/decider.ts';
import { slotsOf } from '../domain/places/queue-slots.ts';
import { dayOf } from '../domain/time/slots.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import type { PlaceTaken, PlaceWish } from './place-wish.ts';
import { placesKind } from './streams.ts';
import { type Contender, holdOf, takeChecked, takeCommand } from './take-checked.ts';

/** Contenders of one append, which holds 1 MiB. */
const BATCH = 500;

export type TakePlaces = (wish: PlaceWish, context: CommandContext) => Promise<PlaceTaken>;

export { giveBackPlace } from './give-back.ts';

type Waiting = Contender & { readonly answer: (taken: PlaceTaken) => void; readonly fail: (error: unknown) => void };

/**
 * Takes places (1.5). Wishes that didn't ask for the check append without looking; those that did are decided at the revision read,
 * and the contenders of one stream in this node in one batch, so that a crowd costs one read and one append.
 */
export const placeTaker = (store: EventStore, configuration: () => Configuration): TakePlaces => {
  const waiting = new Map<string, Waiting[]>();

  const drain = async (stream: string, queue: string, day: string): Promise<void> => {
    for (let batch = waiting.get(stream); batch !== undefined && batch.length > 0; batch = waiting.get(stream)) {
      waiting.set(stream, batch.slice(BATCH));
      const contenders = batch.slice(0, BATCH);
      try {
        const taken = await takeChecked(store, configuration, { queue, day }, contenders);
        for (const [index, one] of taken.entries()) {
          if (one.status === 'fulfilled') contenders[index]?.answer(one.value);
          else contenders[index]?.fail(one.reason);
        }
      } catch (error) {
        for (const { fail } of contenders) fail(error);
      }
    }
    waiting.delete(stream);
  };

  return async (wish, context) => {
    const { queue, instant } = wish;
    const current = configuration();
    const slots = slotsOf(current, queue);
    const slot = slots?.slotAt(instant);
    // A user names an open slot, while a client who asks for the check has it of the capacity only (1.5).
    if (wish.checked && context.actor.kind === 'user' && slot && !slots?.isOpen(slot)) {
      return { ok: false, refusal: { code: 'OFFICE_CLOSED' } };
    }
    const day = dayOf(slot?.start ?? instant);
    const stream = placesStream(queue, day);
    if (!wish.checked) {
      const { initial, decide } = placesKind.decider;
      const decision = decide(takeCommand(current, wish, day, initial), initial);
      if (!decision.ok) throw new Error('a place that is taken without looking was refused');
      await store.append(stream, decision.events, 'any', context);
      return { ok: true, hold: holdOf(wish, day) };
    }
    return new Promise((answer, fail) => {
      const contender = { wish, context, answer, fail };
      const queued = waiting.get(stream);
      if (queued !== undefined) queued.push(contender);
      else {
        waiting.set(stream, [contender]);
        setImmediate(() => void drain(stream, queue, day));
      }
    });
  };
};
