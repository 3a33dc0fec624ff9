import type { CallbackEvent, CallbackEventData, FailingOutcome, Hold, NumberClaim, OpenState } from './events.ts';

type Booking = CallbackEventData<'CallbackBooked'>;

/** An attempt from its start. `over`: it failed, was withdrawn or ended. */
export type Attempt = {
  readonly attemptId: string;
  readonly attempt: number;
  readonly placeBy: string;
  readonly startedAt: string;
  readonly placed: boolean;
  readonly answered: boolean;
  readonly connected: boolean;
  /** Who has the customer on the line; null where that isn't known. */
  readonly agentId: string | null;
  readonly over: boolean;
  readonly outcome: FailingOutcome | null;
  /** It surely rings no more: the contact center said so, or nothing was sent. */
  readonly settled: boolean;
};

/** One callback as its history gives it. `attempts` counts those started, `dialed` those that may have rung the customer's phone. */
export type Callback = Pick<
  Booking,
  'queue' | 'kind' | 'direction' | 'overrides' | 'keyId' | 'phoneNumber' | 'userData' | 'pushTargets' | 'bodyHash' | 'offer' | 'language'
> & {
  readonly zones?: readonly string[];
  readonly state: OpenState | 'COMPLETED';
  readonly reason: string | null;
  /** Who ended the call, as the contact center reported it. */
  readonly endedBy: 'AGENT' | 'CUSTOMER' | null;
  readonly desiredTime: string;
  readonly hold: Hold | null;
  readonly nameRecording: string | null;
  /** Its id in the system that it was taken over from. */
  readonly reference: string | null;
  /** The callback that it was recreated from. */
  readonly origin: string | null;
  /** On its number, for as long as it is open; null in a queue that doesn't look for duplicates. */
  readonly claim: NumberClaim | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly queuedAt: string | null;
  readonly completedAt: string | null;
  readonly attempt: Attempt | null;
  readonly attempts: number;
  readonly dialed: number;
  /** False while a failed attempt waits for its retry. */
  readonly inLine: boolean;
  /** Holds of this callback whose move never came. */
  readonly lapsed: readonly string[];
  /** Attempts that the contact center was told of, or couldn't be told of in time, that they aren't wanted any more. */
  readonly withdrawn: readonly string[];
  /** Reports that were recorded without effect, so that a repeat isn't recorded again. */
  readonly disregarded: readonly string[];
  readonly retired: boolean;
  readonly erased: boolean;
};

/** Nothing booked yet; holds whose booking never came are remembered, so that a late booking on them is refused. */
export type NoCallback = { readonly state: 'NONE'; readonly lapsed: readonly string[] };
export type CallbackState = NoCallback | Callback;

export const initial: CallbackState = { state: 'NONE', lapsed: [] };

const booked = (data: Booking, lapsed: readonly string[]): Callback => {
  const { queue, kind, direction, overrides, keyId, phoneNumber, userData, pushTargets, bodyHash, offer, language, desiredTime, hold, at } =
    data;
  return {
    ...(data.zones === undefined ? {} : { zones: data.zones }),
    ...{ queue, kind, direction, overrides, keyId, phoneNumber, userData, pushTargets, bodyHash, offer, language },
    ...{ desiredTime, hold, lapsed },
    state: 'SCHEDULED',
    reason: null,
    endedBy: null,
    createdAt: at,
    updatedAt: at,
    queuedAt: null,
    completedAt: null,
    nameRecording: data.nameRecording ?? null,
    reference: data.reference ?? null,
    origin: data.origin ?? null,
    claim: data.claim ?? null,
    attempt: null,
    attempts: 0,
    dialed: 0,
    inLine: false,
    withdrawn: [],
    disregarded: [],
    retired: false,
    erased: false,
  };
};

const NO_PERSONAL_DATA = { phoneNumber: null, userData: null, pushTargets: null, nameRecording: null, reference: null };
/** A callback as it is folded without opening what is sealed. */
export const withoutPersonalData = (callback: Callback): Callback => ({ ...callback, ...NO_PERSONAL_DATA });

const ofAttempt = (callback: Callback, attemptId: string, change: Partial<Attempt>): Attempt | null =>
  callback.attempt?.attemptId === attemptId ? { ...callback.attempt, ...change } : callback.attempt;

export const disregardedKey = (data: { attemptId: string; report: string }): string => `${data.attemptId} ${data.report}`;

const apply = (callback: Callback, event: Exclude<CallbackEvent, { type: 'CallbackBooked' }>): Callback => {
  const { data } = event;
  const attempt = (change: Partial<Attempt>) => ('attemptId' in data ? ofAttempt(callback, data.attemptId, change) : callback.attempt);
  switch (event.type) {
    case 'BookingLapsed':
      return { ...callback, lapsed: [...callback.lapsed, event.data.holdId] };
    case 'CallbackRescheduled':
      return { ...callback, desiredTime: event.data.desiredTime, hold: event.data.hold };
    case 'CallbackQueued':
      return { ...callback, state: 'QUEUED', queuedAt: data.at, inLine: true };
    case 'CallbackAttemptStarted': {
      const { attemptId, attempt: count, placeBy, at } = event.data;
      const started = {
        attemptId,
        attempt: count,
        placeBy,
        startedAt: at,
        placed: false,
        answered: false,
        connected: false,
        agentId: null,
        over: false,
        outcome: null,
        settled: false,
      };
      return { ...callback, state: 'ROUTING', inLine: false, attempt: started, attempts: count, dialed: callback.dialed + 1 };
    }
    case 'CallbackAttemptPlaced':
      return { ...callback, attempt: attempt({ placed: true }) };
    case 'CallbackAttemptAnswered':
      return { ...callback, attempt: attempt({ placed: true, answered: true }) };
    case 'CallbackAttemptFailed':
      return {
        ...callback,
        state: 'QUEUED',
        attempt: attempt({ over: true, outcome: event.data.outcome, settled: event.data.settled }),
        dialed: event.data.counted ? callback.dialed : callback.dialed - 1,
      };
    case 'CallbackRequeued':
      return { ...callback, inLine: true };
    case 'CallbackDeferred':
      return callback;
    case 'CallbackWithdrawRequested':
      return { ...callback, withdrawn: [...callback.withdrawn, event.data.attemptId] };
    case 'CallbackReportDisregarded':
      return { ...callback, disregarded: [...callback.disregarded, disregardedKey(event.data)] };
    case 'CallbackConnected':
      return {
        ...callback,
        state: 'PROCESSING',
        attempt: attempt({ placed: true, answered: true, connected: true, agentId: event.data.agentId }),
      };
    case 'CallbackAttemptWithdrawn':
      return callback.state === 'ROUTING'
        ? { ...callback, state: 'QUEUED', inLine: true, attempt: attempt({ over: true, settled: true }), dialed: callback.dialed - 1 }
        : { ...callback, attempt: attempt({ over: true, settled: true }) };
    case 'CallbackRetired':
      return { ...callback, ...NO_PERSONAL_DATA, retired: true };
    case 'PersonalDataErased':
      return { ...callback, ...NO_PERSONAL_DATA, erased: true };
    case 'CallbackCancelled':
    case 'CallbackCompleted':
      return {
        ...callback,
        state: 'COMPLETED',
        reason: event.data.reason,
        endedBy: event.type === 'CallbackCompleted' ? event.data.endedBy : null,
        completedAt: data.at,
        inLine: false,
        hold: event.data.givesBack === null ? callback.hold : null,
        attempt:
          event.type === 'CallbackCompleted' && event.data.withdraws === null && callback.attempt
            ? { ...callback.attempt, over: true }
            : callback.attempt,
      };
  }
};

/** Folds the events of one callback's stream (1.2). */
export const evolve = (state: CallbackState, event: CallbackEvent): CallbackState => {
  if (state.state === 'NONE') {
    if (event.type === 'CallbackBooked') return booked(event.data, state.lapsed);
    return event.type === 'BookingLapsed' ? { state: 'NONE', lapsed: [...state.lapsed, event.data.holdId] } : state;
  }
  if (event.type === 'CallbackBooked') return state;
  return { ...apply(state, event), updatedAt: event.data.at };
};
