import type { KeyLimits } from '../domain/access/events.ts';
import { mayRead, type Reads } from '../domain/access/reads.ts';
import { callbackStream } from '../domain/callback/events.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { BookingRequest } from './admit.ts';
import { type Booked, bookCallback } from './book.ts';
import type { CommandDeps } from './deps.ts';
import { fold } from './handle.ts';
import { callbackKind } from './streams.ts';

/** How long after its original's completion a name recording comes along. */
const NAME_RECORDING_MS = 4 * 86_400_000;

/** `desiredTime` is epoch ms, null for now; `checked` refuses a full slot. */
export type Recreation = {
  readonly desiredTime: number | null;
  readonly checked: boolean;
  readonly reads: Reads;
  readonly idempotency: BookingRequest['idempotency'];
  readonly limits: KeyLimits | null;
};
export type Recreated =
  | Booked
  | { readonly ok: false; readonly refusal: { readonly code: 'PERSONAL_DATA_GONE' } }
  | { readonly ok: false; readonly refusal: { readonly code: 'NOT_COMPLETED'; readonly state: string } };

/** Books a completed callback anew (1.9): a new one of the same queue, number and attached data, which points at its origin and is held to all that bookings are. */
export const recreateCallback = async (deps: CommandDeps, id: string, wish: Recreation, context: CommandContext): Promise<Recreated> => {
  const { desiredTime, checked, reads, idempotency, limits } = wish;
  const { state } = await fold(deps.store, callbackKind, callbackStream(id), true);
  if (state.state === 'NONE' || state.retired || !mayRead(reads, state.queue)) return { ok: false, refusal: { code: 'UNKNOWN_CALLBACK' } };
  if (state.state !== 'COMPLETED') return { ok: false, refusal: { code: 'NOT_COMPLETED', state: state.state } };
  const { queue, phoneNumber, userData, pushTargets, offer, language, overrides, nameRecording, completedAt, zones } = state;
  if (phoneNumber === null) return { ok: false, refusal: { code: 'PERSONAL_DATA_GONE' } };
  const keepsName = nameRecording !== null && completedAt !== null && deps.clock.now() <= Date.parse(completedAt) + NAME_RECORDING_MS;
  const request: BookingRequest = {
    ...{ queue, phoneNumber, desiredTime, offer, language, overrides, userData: userData ?? {}, pushTargets: pushTargets ?? [] },
    alwaysCheckCapacity: checked,
    rest: { origin: id, ...(keepsName ? { nameRecording } : {}), ...(zones && { zones: [...zones] }) }, // the zone may have been given
    ...{ idempotency: idempotency && { ...idempotency, body: JSON.stringify([id, idempotency.body]) }, limits },
  };
  return bookCallback(deps, request, context);
};
