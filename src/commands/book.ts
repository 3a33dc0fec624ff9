import { iso } from '../clock.ts';
import { mostPerNumber } from '../domain/booking/checks.ts';
import type { CallbackRefusal } from '../domain/callback/commands.ts';
import { type CallbackEventData, callbackStream } from '../domain/callback/events.ts';
import type { CallbackState } from '../domain/callback/state.ts';
import type { CallableNumber } from '../domain/phone/number.ts';
import { distinctClocks, zonesOfNumber } from '../domain/phone/zones.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import { type AdmissionRefusal, admit, type BookingRequest, type Kind } from './admit.ts';
import { bookHeld, isUnder, repeated } from './book-held.ts';
import { type LimitReached, roomFor } from './booking-limits.ts';
import { numberIn } from './claim-number.ts';
import type { CommandDeps } from './deps.ts';
import { fold, type Handled, handle } from './handle.ts';
import type { OfficeClosed, SlotFull } from './place-wish.ts';
import { callbackKind } from './streams.ts';

type Booking = CallbackEventData<'CallbackBooked'>;

export type { BookingRequest } from './admit.ts';

export type BookingRefusal =
  | CallbackRefusal
  | Exclude<AdmissionRefusal, OfficeClosed>
  | LimitReached
  | { readonly code: 'DUPLICATE' }
  | SlotFull;

/** `position` is where the booking lies in the log; a repeat answers that of its callback, and says so. */
export type Booked =
  | { readonly ok: true; readonly id: string; readonly position: bigint | undefined; readonly repeats?: true }
  | { readonly ok: false; readonly refusal: BookingRefusal | OfficeClosed };

/** How the queue itself stands as it is booked (9.2). */
const waitsOf = ({ estimatedWaitSeconds, nextPosition }: CommandDeps, queue: string): Pick<Booking, 'waits'> =>
  nextPosition === undefined ? {} : { waits: { estimatedWaitSeconds: estimatedWaitSeconds(queue), position: nextPosition(queue) } };

/** The id that a booking has, by its Idempotency-Key if it came with one, and the hash of its body. */
export const identify = (
  { keys, newId }: Pick<CommandDeps, 'keys' | 'newId'>,
  idempotency: BookingRequest['idempotency'],
): { readonly id: string; readonly bodyHash: string | null } => {
  if (idempotency === null) return { id: newId(), bodyHash: null };
  const id = keys.hash('idempotency-key', idempotency.owner, idempotency.key);
  return { id, bodyHash: keys.hash('body', id, idempotency.body) };
};

/** Books a callback (1.1, 1.5, 1.6, 1.8, 4.1): immediate ones cost one append; scheduled ones take their place first, and in a queue that looks for duplicates all claim their number. */
export const bookCallback = async (deps: CommandDeps, request: BookingRequest, context: CommandContext): Promise<Booked> => {
  const { store, keys, clock } = deps;
  const { queue, idempotency } = request;
  const now = clock.now();
  const { id, bodyHash } = identify(deps, idempotency);
  /** A repeat answers as the first did, though the time has passed, the queue has gone, its rule changed or the limit was reached since (1.6). */
  const refusedUnlessRepeated = async (refusal: BookingRefusal | OfficeClosed): Promise<Booked> => {
    const earlier = idempotency === null ? undefined : await fold(store, callbackKind, callbackStream(id));
    if (earlier === undefined || earlier.state.state === 'NONE') return { ok: false, refusal };
    return repeated(id, earlier.state, bodyHash, earlier.position);
  };
  const admitted = admit(deps, request, context.actor, now);
  if (!admitted.ok) return refusedUnlessRepeated(admitted.refusal);
  const { number, when } = admitted;
  const wanted = { client: context.actor.id, limits: request.limits, queue, callbackId: id, now };
  const { room, numberHash } = roomFor(deps.reserveBooking, keys.hash, wanted, when.kind === 'IMMEDIATE' ? number.e164 : null);
  if (!room.ok) return refusedUnlessRepeated(room.refusal);
  try {
    return await bookWithin(deps, request, { ...when, id, number, bodyHash, numberHash, now, recorded: room.keep }, context);
  } finally {
    room.release();
  }
};

/** What was found out of a booking before anything is taken for it. `recorded` is told once it is in the log. */
type Admitted = Kind & {
  readonly id: string;
  readonly number: CallableNumber;
  readonly bodyHash: string | null;
  readonly numberHash: string | undefined;
  readonly now: number;
  readonly recorded: () => void;
};

const bookWithin = async (deps: CommandDeps, request: BookingRequest, admitted: Admitted, context: CommandContext): Promise<Booked> => {
  const { store, keys } = deps;
  const { queue } = request;
  const { id, number, bodyHash, numberHash, now, recorded, ...when } = admitted;
  const { e164, country, callingCode, area, type } = number;
  const { keyId } = await keys.takeKey();
  const { inboundQueue } = request.offer;
  const booking: Omit<Booking, 'at' | 'hold' | 'claim'> = {
    queue,
    kind: when.kind,
    direction: 'USERTERMINATED',
    desiredTime: iso(when.desiredTime),
    offer: { ...request.offer, estimatedWaitSeconds: deps.estimatedWaitSeconds(inboundQueue ?? queue) },
    ...waitsOf(deps, queue),
    language: request.language,
    overrides: request.overrides,
    number: { country, callingCode, area, type },
    capacityChecked: request.alwaysCheckCapacity,
    bodyHash,
    ...(numberHash === undefined ? {} : { numberHash }),
    zones: request.timezone === undefined ? [...distinctClocks(zonesOfNumber(number), now)] : [request.timezone],
    keyId,
    phoneNumber: e164,
    userData: request.userData,
    pushTargets: request.pushTargets,
    ...request.rest,
  };
  const most = mostPerNumber(deps.configuration(), queue);
  if (when.kind === 'SCHEDULED' || most !== null) {
    const isClient = context.actor.kind === 'client'; // users book as many as they like, and each counts (1.5)
    const claims = most === null ? null : { number: numberIn(keys.hash, queue, e164), most: isClient ? most : null };
    const instant = when.kind === 'SCHEDULED' ? when.desiredTime : null;
    return bookHeld(deps, { id, booking, instant, claims, now: iso(now), recorded }, context);
  }
  const command = { type: 'BookCallback', booking: { ...booking, hold: null }, now: iso(now) } as const;
  const handled = await handle(store, callbackKind, callbackStream(id), command, context, 'no-stream');
  if (handled.ok && handled.events.length > 0) recorded();
  if (!handled.ok || (handled.events.length === 0 && !isUnder(handled.state, keyId))) keys.giveBack(keyId);
  return bookedAs(id, handled);
};

const bookedAs = (id: string, handled: Handled<CallbackState, unknown, CallbackRefusal>): Booked =>
  handled.ok
    ? { ok: true, id, position: handled.position, ...(handled.events.length === 0 && { repeats: true }) }
    : { ok: false, refusal: handled.refusal };
