import type { Hold } from '../domain/callback/events.ts';
import { type GiveBackPlace, placesStream } from '../domain/places/decider.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import { ContendedError, fold, handle } from './handle.ts';
import { placesKind } from './streams.ts';

/** A place that is to be given back, and why. */
export type PlaceBack = {
  readonly queue: string;
  readonly callbackId: string;
  readonly hold: Hold;
  readonly because: GiveBackPlace['because'];
  readonly now: string;
};

/**
 * Gives a held place back; a place that isn't held any more stays as it is. Where so many come and go that no revision stands, it is appended
 * without one: a place that two gave back at once is as free as if one had.
 */
export const giveBackPlace = async (
  store: EventStore,
  { queue, callbackId, hold, because, now }: PlaceBack,
  context: CommandContext,
): Promise<void> => {
  const { holdId, instant, day } = hold;
  const command = { type: 'GiveBackPlace', queue, callbackId, holdId, instant, because, now } as const;
  const stream = placesStream(queue, day);
  try {
    await handle(store, placesKind, stream, command, context);
  } catch (error) {
    if (!(error instanceof ContendedError)) throw error;
    const decision = placesKind.decider.decide(command, (await fold(store, placesKind, stream)).state);
    if (decision.ok && decision.events.length > 0) await store.append(stream, decision.events, 'any', context);
  }
};
