import { callbackStream, type Hold } from '../domain/callback/events.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import { ContendedError, fold } from './handle.ts';
import { giveBackPlace } from './places.ts';
import { callbackKind } from './streams.ts';

const ATTEMPTS = 10;

/** A place that was taken, and the revision of the callback's stream that its booking or move expects (null: no stream). */
export type PendingHold = { readonly queue: string; readonly callbackId: string; readonly hold: Hold; readonly decidedAt: number | null };

/**
 * Gives back a place whose booking or move never came. `BookingLapsed` takes the revision that the other append expects, so whoever
 * of the two is second is refused; a stream that moved on meanwhile refuses the other append by itself.
 */
export const lapseHold = async (store: EventStore, pending: PendingHold, now: string, context: CommandContext): Promise<void> => {
  const { queue, callbackId, hold, decidedAt } = pending;
  const streamId = callbackStream(callbackId);
  for (let attempt = 0; ; attempt++) {
    if (attempt === ATTEMPTS) throw new ContendedError(`callback: another writer came first ${ATTEMPTS} times`);
    const { state, revision } = await fold(store, callbackKind, streamId);
    const decision = callbackKind.decider.decide({ type: 'LapseBooking', queue, holdId: hold.holdId, now }, state);
    if (state.state !== 'NONE' && state.hold?.holdId === hold.holdId) return;
    const expected = decidedAt === null ? undefined : BigInt(decidedAt);
    if (!decision.ok || decision.events.length === 0 || revision !== expected) break;
    const appended = await store.append(streamId, decision.events, expected ?? 'no-stream', context);
    if (appended.ok) break;
  }
  await giveBackPlace(store, { queue, callbackId, hold, because: 'LAPSED', now }, context);
};
