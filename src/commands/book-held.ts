import type { CallbackRefusal } from '../domain/callback/commands.ts';
import { type CallbackEventData, callbackStream, type Hold, type NumberClaim } from '../domain/callback/events.ts';
import type { Callback, CallbackState } from '../domain/callback/state.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import { claimNumber, releaseNumber } from './claim-number.ts';
import type { CommandDeps } from './deps.ts';
import type { Folded } from './folded.ts';
import { giveBackPlace } from './give-back.ts';
import { fold } from './handle.ts';
import { notTaken, type OfficeClosed, type SlotFull } from './place-wish.ts';
import { callbackKind } from './streams.ts';

type Booking = CallbackEventData<'CallbackBooked'>;
export type HeldRefusal = CallbackRefusal | SlotFull | OfficeClosed | { readonly code: 'DUPLICATE' };
export type HeldBooked =
  | { readonly ok: true; readonly id: string; readonly position: bigint | undefined; readonly repeats?: true }
  | { readonly ok: false; readonly refusal: HeldRefusal };

/** A booking that takes something first: a place at `instant` (epoch ms), a claim on its number (1.7), or both. `recorded` is told once it is in the log. */
export type Holding = {
  readonly id: string;
  readonly booking: Omit<Booking, 'at' | 'hold' | 'claim'>;
  readonly instant: number | null;
  /** The number's keyed hash, and how many open callbacks of it there may be; null looks at none. */
  readonly claims: { readonly number: string; readonly most: number | null } | null;
  readonly now: string;
  readonly recorded: () => void;
};

/** Whether a callback's personal data is sealed under this key. */
export const isUnder = (callback: CallbackState, keyId: string): boolean => callback.state !== 'NONE' && callback.keyId === keyId;

/** What a repeat under an Idempotency-Key answers, of what the first made (1.6). */
export const repeated = (id: string, state: Callback, bodyHash: string | null, position: bigint | undefined): HeldBooked =>
  state.bodyHash === bodyHash ? { ok: true, id, position, repeats: true } : { ok: false, refusal: { code: 'IDEMPOTENCY_KEY_REUSED' } };

type Taken = { readonly claim: NumberClaim | null; readonly hold: Hold | null };

/** First the claim and the place, then the booking, at the very revision that they were taken for; one that is refused gives both back, one that never comes is lapsed by processes. */
export const bookHeld = async (deps: CommandDeps, holding: Holding, context: CommandContext): Promise<HeldBooked> => {
  const { store, places, newId, keys } = deps;
  const { id, booking, instant, claims, now, recorded } = holding;
  const { queue, capacityChecked: checked, bodyHash, keyId } = booking;
  const streamId = callbackStream(id);
  const nothing: Folded<CallbackState> = { state: callbackKind.decider.initial, revision: undefined, position: undefined };
  const found = bodyHash === null ? nothing : await fold(store, callbackKind, streamId);
  if (found.state.state !== 'NONE') {
    keys.giveBack(keyId);
    return repeated(id, found.state, bodyHash, found.position);
  }

  const decidedAt = found.revision === undefined ? null : Number(found.revision);
  const giveBack = async ({ claim, hold }: Taken): Promise<void> => {
    if (hold !== null) await giveBackPlace(store, { queue, callbackId: id, hold, because: 'REFUSED', now }, context);
    if (claim !== null) await releaseNumber(store, { queue, callbackId: id, claim, because: 'REFUSED', now }, context);
  };
  const claim = claims && { claimId: newId(), number: claims.number };
  if (claim && !(await claimNumber(store, { queue, callbackId: id, claim, most: claims.most, decidedAt, now }, context))) {
    keys.giveBack(keyId);
    return { ok: false, refusal: { code: 'DUPLICATE' } };
  }
  /** Whether a place was taken isn't known where that fails; but no booking follows, so whoever asks again is no duplicate. */
  const failed = async (error: unknown): Promise<never> => {
    await giveBack({ claim, hold: null }).catch(() => undefined); // a process releases it then
    throw error;
  };
  const place =
    instant === null
      ? null
      : await places({ queue, callbackId: id, holdId: newId(), instant, decidedAt, checked, now }, context).catch(failed);
  if (place?.ok === false) {
    await giveBack({ claim, hold: null });
    keys.giveBack(keyId);
    return { ok: false, refusal: notTaken(place.refusal, queue, instant ?? 0) };
  }

  const taken = { claim, hold: place?.hold ?? null };
  const command = { type: 'BookCallback', booking: { ...booking, hold: taken.hold, ...(claim && { claim }) }, now } as const;
  const decision = callbackKind.decider.decide(command, found.state);
  const appended = decision.ok ? await store.append(streamId, decision.events, found.revision ?? 'no-stream', context) : undefined;
  if (appended?.ok) {
    recorded();
    return { ok: true, id, position: appended.position };
  }
  await giveBack(taken);
  const other = await fold(store, callbackKind, streamId);
  if (!isUnder(other.state, keyId)) keys.giveBack(keyId);
  return other.state.state === 'NONE'
    ? { ok: false, refusal: { code: 'HOLD_LAPSED' } }
    : repeated(id, other.state, bodyHash, other.position);
};
