import type { BookingRefusal } from '../../commands/book.ts';
import type { SlotFull } from '../../commands/place-wish.ts';
import type { RescheduleRefusal } from '../../commands/reschedule.ts';
import { mayRead, type Reads } from '../../domain/access/reads.ts';
import type { CallbackRefusal } from '../../domain/callback/commands.ts';
import type { ConfigurationRefusal } from '../../domain/configuration/decider.ts';
import type { FreeSlot } from '../deps.ts';
import { Failure, type FailureDetails, sentence } from './failure.ts';
import type { ErrorName } from './table.ts';

/** The nearest free slots around a desired time, nearest first. */
export type ProposeSlots = (full: SlotFull) => readonly FreeSlot[];

const aboutField = (
  error: ErrorName,
  path: string,
  { headers = {}, values = {} }: Pick<FailureDetails, 'headers' | 'values'> = {},
): Failure => {
  const failure = new Failure(error, { values });
  return new Failure(error, { errors: [{ path, message: sentence(failure) }], headers, values });
};

const slotFull = (refusal: SlotFull, propose: ProposeSlots): Failure => {
  const proposed = propose(refusal);
  const slots = Object.fromEntries(proposed.map(({ utcTime, capacity }) => [utcTime, capacity]));
  return new Failure('SLOT_FULL', { beside: { data: { slots }, proposed } });
};

/** What a refusal of a callback's stream is answered with. A refusal without a row here doesn't compile. */
export const callbackFailure = (refusal: CallbackRefusal): Failure => {
  switch (refusal.code) {
    case 'UNKNOWN_CALLBACK':
      return new Failure('CALLBACK_NOT_FOUND');
    case 'UNKNOWN_ATTEMPT':
      return new Failure('ATTEMPT_NOT_FOUND');
    case 'IDEMPOTENCY_KEY_REUSED':
      return new Failure('IDEMPOTENCY_KEY_REUSED');
    case 'HOLD_LAPSED':
      return new Failure('BOOKING_LAPSED');
    case 'STATE_FORBIDS':
      return new Failure(refusal.action === 'cancel' ? 'CANCEL_FORBIDDEN' : 'RESCHEDULE_FORBIDDEN', { values: { state: refusal.state } });
    case 'ALREADY_BOOKED': // ids made here are random, and commands of the processes don't come through here
    case 'NOT_WAITING':
      return new Failure('UNEXPECTED');
  }
};

/** What a refused booking is answered with, with the body's field that it is about. */
export const bookingFailure = (refusal: BookingRefusal, propose: ProposeSlots): Failure => {
  switch (refusal.code) {
    case 'INVALID_NUMBER':
    case 'IMPOSSIBLE_NUMBER':
    case 'NUMBER_NOT_ALLOWED':
      return aboutField(refusal.code, 'phoneNumber');
    case 'UNKNOWN_QUEUE':
      return aboutField('UNKNOWN_SERVICE', 'serviceName');
    case 'DESIRED_TIME_PAST':
      return aboutField('DESIRED_TIME_PAST', 'desiredTime');
    case 'IMMEDIATE_DISABLED':
    case 'SCHEDULED_DISABLED':
      return aboutField(refusal.code, 'desiredTime');
    case 'TOO_SOON':
      return aboutField(refusal.code, 'desiredTime', { values: { minutes: refusal.minutes } });
    case 'TOO_FAR_AHEAD':
      return aboutField(refusal.code, 'desiredTime', { values: { days: refusal.days } });
    case 'DUPLICATE':
      return aboutField(refusal.code, 'phoneNumber');
    case 'SLOT_FULL':
      return slotFull(refusal, propose);
    case 'LIMIT_REACHED': {
      const path = refusal.limit === 'number' ? 'phoneNumber' : 'serviceName';
      return aboutField('TOO_MANY_REQUESTS', path, { headers: { 'retry-after': String(refusal.retryAfterSeconds) } });
    }
    default:
      return callbackFailure(refusal);
  }
};

/** What a refused move is answered with. */
export const rescheduleFailure = (refusal: RescheduleRefusal, propose: ProposeSlots): Failure => bookingFailure(refusal, propose);

const MOST_NAMED = 20;

/** Names the queues that the asker reads, and counts the rest (8.2). */
export const withQueues = (message: string, queues: readonly string[] | undefined, reads: Reads): string => {
  if (queues === undefined) return message;
  const named = queues.filter((queue) => mayRead(reads, queue)).slice(0, MOST_NAMED);
  const others = queues.length - named.length;
  const list = [
    ...named.map((queue) => JSON.stringify(queue)),
    ...(others > 0 ? [`${others} ${named.length > 0 ? 'more' : 'in all'}`] : []),
  ];
  return `${message}; queues that this concerns: ${list.join(', ')}`;
};

/** What a refused change of the settings is answered with. */
export const configurationFailure = (refusal: ConfigurationRefusal, reads: Reads = 'all'): Failure => {
  switch (refusal.code) {
    case 'PRECONDITION_FAILED':
    case 'PRECONDITION_REQUIRED':
    case 'DEFAULT_ROW_STAYS':
      return new Failure(refusal.code);
    case 'UNUSABLE_NAME':
      return new Failure('INVALID_FIELDS', { errors: [{ path: 'queue', message: refusal.message }] });
    case 'UNKNOWN_QUEUE':
      return new Failure('QUEUE_NOT_FOUND');
    case 'QUEUE_HAS_OPEN_CALLBACKS':
      return new Failure('QUEUE_HAS_OPEN_CALLBACKS', { values: { count: refusal.count } });
    case 'INVALID_COLUMNS':
      return new Failure('INVALID_SETTING', {
        errors: refusal.problems.map(({ column, message, queues }) => ({ path: column, message: withQueues(message, queues, reads) })),
      });
  }
};
