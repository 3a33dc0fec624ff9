import { callbackStream, type Hold, type NumberClaim } from '../domain/callback/events.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import { releaseNumber } from './claim-number.ts';
import { giveBackPlace } from './give-back.ts';
import { ContendedError, fold } from './handle.ts';
import { callbackKind } from './streams.ts';

const ATTEMPTS = 10;

/** A place that was taken, and the revision of the callback's stream that its booking or move expects (null: no stream). */
export type PendingHold = { readonly queue: string; readonly callbackId: string; readonly hold: Hold; readonly decidedAt: number | null };
/** The same of a claim on a number. */
export type PendingClaim = Omit<PendingHold, 'hold'> & { readonly claim: NumberClaim };

/**
 * Gives back a place whose booking or move never came. `BookingLapsed` takes the revision that the other append expects, so whoever
 * of the two is second is refused; a stream that moved on meanwhile refuses the other append by itself.
 */
export const lapseHold = async (store: EventStore, pending: PendingHold, now: string, context: CommandContext): Promise<void> => {
  const { queue, callbackId, hold, decidedAt } = pending;
  const lapsed = await lapse(store, { queue, callbackId, id: hold.holdId, decidedAt }, now, context);
  if (lapsed) await giveBackPlace(store, { queue, callbackId, hold, because: 'LAPSED', now }, context);
};

/** The same for a claim on a number (1.7). */
export const lapseClaim = async (store: EventStore, pending: PendingClaim, now: string, context: CommandContext): Promise<void> => {
  const { queue, callbackId, claim, decidedAt } = pending;
  const lapsed = await lapse(store, { queue, callbackId, id: claim.claimId, decidedAt }, now, context);
  if (lapsed) await releaseNumber(store, { queue, callbackId, claim, because: 'LAPSED', now }, context);
};

type Unused = { readonly queue: string; readonly callbackId: string; readonly id: string; readonly decidedAt: number | null };

/** Sees to it that nothing uses what was taken under `id` any more; false where something does. */
const lapse = async (
  store: EventStore,
  { queue, callbackId, id, decidedAt }: Unused,
  now: string,
  context: CommandContext,
): Promise<boolean> => {
  const streamId = callbackStream(callbackId);
  for (let attempt = 0; ; attempt++) {
    if (attempt === ATTEMPTS) throw new ContendedError(`callback: another writer came first ${ATTEMPTS} times`);
    const { state, revision } = await fold(store, callbackKind, streamId);
    const decision = callbackKind.decider.decide({ type: 'LapseBooking', queue, holdId: id, now }, state);
    if (state.state !== 'NONE' && (state.hold?.holdId === id || state.claim?.claimId === id)) return false;
    const expected = decidedAt === null ? undefined : BigInt(decidedAt);
    if (!decision.ok || decision.events.length === 0 || revision !== expected) return true;
    const appended = await store.append(streamId, decision.events, expected ?? 'no-stream', context);
    if (appended.ok) return true;
  }
};
