import type { CallbackEventData, FailingOutcome, Hold } from './events.ts';

/** What a report from the contact center carries: the instant it names, or null where it named none. */
type Report = { readonly attemptId: string; readonly reportedAt: string | null; readonly now: string };

/** What can be asked of one callback. `now` and every other instant is UTC text with milliseconds. */
export type CallbackCommand =
  | { readonly type: 'BookCallback'; readonly booking: Omit<CallbackEventData<'CallbackBooked'>, 'at'>; readonly now: string }
  | {
      readonly type: 'RescheduleCallback';
      readonly desiredTime: string;
      readonly hold: Hold;
      readonly capacityChecked: boolean;
      readonly now: string;
    }
  | { readonly type: 'LapseBooking'; readonly queue: string; readonly holdId: string; readonly now: string }
  | {
      readonly type: 'QueueCallback';
      readonly desiredTime: string;
      readonly estimatedWaitSeconds: number | null;
      readonly position?: number | null;
      readonly now: string;
    }
  | {
      readonly type: 'StartAttempt';
      readonly attemptId: string;
      readonly attempt: number;
      readonly region: string | null;
      readonly placeBy: string;
      readonly placedWith?: { readonly displayNumber?: string; readonly routePoint?: string };
      /** Set where it may not be made before a later instant: nothing is sent, and the zones are recorded, which passes leave out until then. */
      readonly deferral?: { readonly until: string; readonly because: 'LOCAL_HOURS'; readonly zones: readonly string[] };
      readonly now: string;
    }
  | {
      readonly type: 'LapseAttempt';
      readonly attemptId: string;
      readonly attempt: number;
      readonly region: string | null;
      readonly placeBy: string;
      readonly now: string;
    }
  | { readonly type: 'RecordPlaced'; readonly attemptId: string; readonly now: string }
  | ({
      readonly type: 'FailAttempt';
      readonly outcome: FailingOutcome;
      readonly cause: string | null;
      readonly settled: boolean;
      readonly counted: boolean;
      readonly maxDialAttempts: number;
    } & Report)
  | ({ readonly type: 'ReportAnswered' } & Report)
  | ({ readonly type: 'ReportConnected'; readonly agentId: string } & Report)
  | ({ readonly type: 'ReportEnded'; readonly by: 'AGENT' | 'CUSTOMER' } & Report)
  | ({ readonly type: 'ReportWithdrawn' } & Report)
  | { readonly type: 'EndUnreported'; readonly attemptId: string; readonly now: string }
  | { readonly type: 'RequeueCallback'; readonly attemptId: string; readonly ringLimitSeconds: number; readonly now: string }
  | { readonly type: 'RecordWithdrawRequested'; readonly attemptId: string; readonly delivered: boolean; readonly now: string }
  | { readonly type: 'RejectCallback'; readonly now: string }
  | {
      readonly type: 'PurgeCallback';
      readonly reason: 'PURGED_TIMEOUT' | 'PURGED_END_OF_DAY';
      /** Only one that entered the queue before this instant goes. */
      readonly enteredBefore: string;
      readonly now: string;
    }
  | { readonly type: 'RetireCallback'; readonly now: string }
  | { readonly type: 'ErasePersonalData'; readonly now: string }
  | { readonly type: 'CancelCallback'; readonly by: 'user' | 'client'; readonly now: string };

/** Why a command was refused; the API gives each a number and a sentence. */
export type CallbackRefusal =
  | { readonly code: 'UNKNOWN_CALLBACK' | 'UNKNOWN_ATTEMPT' | 'ALREADY_BOOKED' | 'IDEMPOTENCY_KEY_REUSED' | 'HOLD_LAPSED' | 'NOT_WAITING' }
  | { readonly code: 'STATE_FORBIDS'; readonly state: string; readonly action: 'cancel' | 'reschedule' };
