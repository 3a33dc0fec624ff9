import { iso } from '../clock.ts';
import type { KeyLimits } from '../domain/access/events.ts';
import { type CheckRefusal, mostPerNumber, refusedByChecks } from '../domain/booking/checks.ts';
import type { CallbackRefusal } from '../domain/callback/commands.ts';
import { type CallbackEventData, callbackStream } from '../domain/callback/events.ts';
import type { CallbackState } from '../domain/callback/state.ts';
import { assignedRule } from '../domain/configuration/rule-state.ts';
import { settingsOf, takesBookings } from '../domain/configuration/state.ts';
import { type NumberRefusal, readNumber } from '../domain/phone/number.ts';
import { isAllowed, testNumber } from '../domain/rules/number-verdict.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import { bookHeld, isUnder, repeated } from './book-held.ts';
import { type LimitReached, roomFor } from './booking-limits.ts';
import { numberIn } from './claim-number.ts';
import type { CommandDeps } from './deps.ts';
import { fold, type Handled, handle } from './handle.ts';
import type { OfficeClosed, SlotFull } from './place-wish.ts';
import { callbackKind } from './streams.ts';

type Booking = CallbackEventData<'CallbackBooked'>;

/** A wish to be called back, as it came in. `desiredTime` is epoch ms. `idempotency` is the caller's key and the body it came with; `limits` are those of the API key that books, null for who has none. */
export type BookingRequest = {
  readonly queue: string;
  readonly phoneNumber: string;
  readonly desiredTime: number | null;
  readonly alwaysCheckCapacity: boolean;
  readonly offer: Omit<Booking['offer'], 'estimatedWaitSeconds'>;
  readonly language: string;
  readonly overrides: Booking['overrides'];
  readonly userData: Booking['userData'];
  readonly pushTargets: Booking['pushTargets'];
  readonly idempotency: { readonly owner: string; readonly key: string; readonly body: string } | null;
  readonly limits: KeyLimits | null;
};

export type BookingRefusal =
  | CallbackRefusal
  | NumberRefusal
  | LimitReached
  | Exclude<CheckRefusal, OfficeClosed>
  | { readonly code: 'UNKNOWN_QUEUE' | 'DESIRED_TIME_PAST' | 'DUPLICATE' }
  | SlotFull;

/** `position` is where the booking lies in the log; a repeat answers that of its callback. */
export type Booked =
  | { readonly ok: true; readonly id: string; readonly position: bigint | undefined }
  | { readonly ok: false; readonly refusal: BookingRefusal | OfficeClosed };

/** How the queue itself stands as it is booked (9.2). */
const waitsOf = ({ estimatedWaitSeconds, nextPosition }: CommandDeps, queue: string): Pick<Booking, 'waits'> =>
  nextPosition === undefined ? {} : { waits: { estimatedWaitSeconds: estimatedWaitSeconds(queue), position: nextPosition(queue) } };

type Kind = { readonly kind: Booking['kind']; readonly desiredTime: number };

/** Immediate without a desired time, or with one just past; further back is refused (1.1). Asking for the capacity check makes any desired time a scheduled one. */
const kindOf = ({ desiredTime, alwaysCheckCapacity }: BookingRequest, windowSeconds: number, now: number): Kind | undefined => {
  if (desiredTime === null) return { kind: 'IMMEDIATE', desiredTime: now };
  if (desiredTime < now - windowSeconds * 1000) return undefined;
  return { kind: desiredTime > now || alwaysCheckCapacity ? 'SCHEDULED' : 'IMMEDIATE', desiredTime };
};

/** Books a callback (1.1, 1.5, 1.6, 1.8, 4.1): immediate ones cost one append; scheduled ones take their place first, and in a queue that looks for duplicates all claim their number. */
export const bookCallback = async (deps: CommandDeps, request: BookingRequest, context: CommandContext): Promise<Booked> => {
  const { store, keys, clock, newId } = deps;
  const { queue, idempotency } = request;
  const now = clock.now();
  const number = readNumber(request.phoneNumber);
  if ('code' in number) return { ok: false, refusal: number };
  const settings = takesBookings(deps.configuration(), queue) ? settingsOf(deps.configuration(), queue) : undefined;
  const when = settings && kindOf(request, settings.desiredTimeWindowSeconds, now);

  const id = idempotency === null ? newId() : keys.hash('idempotency-key', idempotency.owner, idempotency.key);
  const bodyHash = idempotency === null ? null : keys.hash('body', id, idempotency.body);
  /** A repeat answers as the first did, though the time has passed, the queue has gone, its rule changed or the limit was reached since (1.6). */
  const refusedUnlessRepeated = async (refusal: BookingRefusal | OfficeClosed): Promise<Booked> => {
    const earlier = idempotency === null ? undefined : await fold(store, callbackKind, callbackStream(id));
    if (earlier === undefined || earlier.state.state === 'NONE') return { ok: false, refusal };
    return repeated(id, earlier.state, bodyHash, earlier.position);
  };
  if (when === undefined) return refusedUnlessRepeated({ code: settings === undefined ? 'UNKNOWN_QUEUE' : 'DESIRED_TIME_PAST' });
  const rule = assignedRule(deps.configuration().rules, 'numbers', queue);
  if (rule !== undefined && !isAllowed(testNumber(rule, number))) return refusedUnlessRepeated({ code: 'NUMBER_NOT_ALLOWED' });
  const unfit = context.actor.kind === 'client' ? refusedByChecks(deps.configuration(), queue, when, now) : undefined;
  if (unfit !== undefined) return refusedUnlessRepeated(unfit);
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
  readonly number: Extract<ReturnType<typeof readNumber>, { e164: string }>;
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
    keyId,
    phoneNumber: e164,
    userData: request.userData,
    pushTargets: request.pushTargets,
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
  handled.ok ? { ok: true, id, position: handled.position } : { ok: false, refusal: handled.refusal };
