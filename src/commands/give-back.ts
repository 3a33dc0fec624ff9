import type { Hold } from '../domain/callback/events.ts';
import { type GiveBackPlace, placesStream } from '../domain/places/decider.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import { handle } from './handle.ts';
import { placesKind } from './streams.ts';

/** A place that is to be given back, and why. */
export type PlaceBack = {
  readonly queue: string;
  readonly callbackId: string;
  readonly hold: Hold;
  readonly because: GiveBackPlace['because'];
  readonly now: string;
};

/** Gives a held place back; a place that isn't held any more stays as it is. */
export const giveBackPlace = async (
  store: EventStore,
  { queue, callbackId, hold, because, now }: PlaceBack,
  context: CommandContext,
): Promise<void> => {
  const { holdId, instant, day } = hold;
  const command = { type: 'GiveBackPlace', queue, callbackId, holdId, instant, because, now } as const;
  await handle(store, placesKind, placesStream(queue, day), command, context);
};
