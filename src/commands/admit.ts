import type { KeyLimits } from '../domain/access/events.ts';
import { type CheckRefusal, refusedByChecks } from '../domain/booking/checks.ts';
import type { CallbackEventData } from '../domain/callback/events.ts';
import { assignedRule } from '../domain/configuration/rule-state.ts';
import { settingsOf, takesBookings } from '../domain/configuration/state.ts';
import type { Actor } from '../domain/kit/events.ts';
import { type CallableNumber, type NumberRefusal, readNumber } from '../domain/phone/number.ts';
import { isAllowed, testNumber } from '../domain/rules/number-verdict.ts';
import type { CommandDeps } from './deps.ts';

type Booking = CallbackEventData<'CallbackBooked'>;

/**
 * A wish to be called back, as it came in. `desiredTime` is epoch ms. `idempotency` is the caller's key and the body it came with; `limits`
 * are those of the API key that books, null for who has none. `rest` is what not every door takes.
 */
export type BookingRequest = {
  readonly queue: string;
  readonly phoneNumber: string;
  readonly desiredTime: number | null;
  readonly alwaysCheckCapacity: boolean;
  readonly offer: Omit<Booking['offer'], 'estimatedWaitSeconds'>;
  readonly language: string;
  /** The customer's time zone (IANA), where it is known; otherwise it is told from the number (7.5). */
  readonly timezone?: string | undefined;
  readonly overrides: Booking['overrides'];
  readonly userData: Booking['userData'];
  readonly pushTargets: Booking['pushTargets'];
  readonly rest?: Pick<Booking, 'origin' | 'nameRecording' | 'reference' | 'zones'>;
  readonly idempotency: { readonly owner: string; readonly key: string; readonly body: string } | null;
  readonly limits: KeyLimits | null;
};

/** When a callback is to be made: kind, and epoch ms. */
export type Kind = { readonly kind: Booking['kind']; readonly desiredTime: number };
export type AdmissionRefusal = NumberRefusal | CheckRefusal | { readonly code: 'UNKNOWN_QUEUE' | 'DESIRED_TIME_PAST' };
export type Admission =
  | { readonly ok: true; readonly number: CallableNumber; readonly when: Kind }
  | { readonly ok: false; readonly refusal: AdmissionRefusal };

/** Immediate without a desired time, or with one just past; further back is refused (1.1). Asking for the capacity check makes any desired time a scheduled one. */
const kindOf = ({ desiredTime, alwaysCheckCapacity }: BookingRequest, windowSeconds: number, now: number): Kind | undefined => {
  if (desiredTime === null) return { kind: 'IMMEDIATE', desiredTime: now };
  if (desiredTime < now - windowSeconds * 1000) return undefined;
  return { kind: desiredTime > now || alwaysCheckCapacity ? 'SCHEDULED' : 'IMMEDIATE', desiredTime };
};

/** What a booking is held to before anything is taken for it, in the order of 10: its number, queue, time, the queue's number rule and the do-not-call list, and for clients what the queue opted in to (1.5, 4.1). */
export const admit = (
  { configuration, isBarred }: Pick<CommandDeps, 'configuration' | 'isBarred'>,
  request: BookingRequest,
  actor: Pick<Actor, 'kind'>,
  now: number,
): Admission => {
  const refused = (refusal: AdmissionRefusal): Admission => ({ ok: false, refusal });
  const { queue } = request;
  const current = configuration();
  const number = readNumber(request.phoneNumber);
  if ('code' in number) return refused(number);
  const settings = takesBookings(current, queue) ? settingsOf(current, queue) : undefined;
  if (settings === undefined) return refused({ code: 'UNKNOWN_QUEUE' });
  const when = kindOf(request, settings.desiredTimeWindowSeconds, now);
  if (when === undefined) return refused({ code: 'DESIRED_TIME_PAST' });
  const rule = assignedRule(current.rules, 'numbers', queue);
  if (rule !== undefined && !isAllowed(testNumber(rule, number))) return refused({ code: 'NUMBER_NOT_ALLOWED' });
  if (isBarred?.(number.e164) === true) return refused({ code: 'NUMBER_NOT_ALLOWED' });
  const unfit = actor.kind === 'client' ? refusedByChecks(current, queue, when, now) : undefined;
  return unfit === undefined ? { ok: true, number, when } : refused(unfit);
};
