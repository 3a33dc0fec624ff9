import { type CallbackEventData, callbackIdOf, type Deferral } from '../callback/events.ts';
import type { DomainEvent } from '../catalogue.ts';
import type { Recorded } from '../kit/events.ts';

/** What the waiting lines keep of one open callback. `attempts` counts those started; instants are epoch ms. */
export type Tracked = {
  readonly id: string;
  readonly queue: string;
  readonly state: 'SCHEDULED' | 'QUEUED' | 'ROUTING' | 'PROCESSING';
  /** It keeps its place, in the line or beside it; false while a failed attempt waits for its retry, or one is decided or made. */
  readonly inLine: boolean;
  /** The priority that booking gave; null takes the queue's. */
  readonly priority: number | null;
  readonly enteredAt: number;
  readonly attempts: number;
  /** The customer's time zones, with a blank between them; null where nothing has recorded them yet. */
  readonly zones: string | null;
  /** The attempt in flight (7.2): from its decision until a failing outcome, `connected` or its end. */
  readonly inFlight: string | null;
  /** Set while its retry is put off: until when. Local hours aren't kept: whoever reads the line leaves their zones out. */
  readonly deferred: { readonly until: number; readonly because: Deferral } | null;
  /** The event that put it where it stands, and the request that led there: what follows from it names them (1.12). */
  readonly cause: { readonly id: string; readonly correlationId: string };
};

/** Folds one event into what is kept of its callback; undefined once it is over, or was never known. */
export const track = (before: Tracked | undefined, event: Recorded<DomainEvent>): Tracked | undefined => {
  const cause = { id: event.id, correlationId: event.metadata.correlationId };
  if (event.type === 'CallbackBooked') return booked(callbackIdOf(event.streamId), event.data, cause);
  const after = before && moved(before, event);
  return after === before || after === undefined ? after : { ...after, cause };
};

const booked = (id: string, { queue, overrides, zones, at }: CallbackEventData<'CallbackBooked'>, cause: Tracked['cause']): Tracked => ({
  ...{ id, queue, priority: overrides.priority, enteredAt: Date.parse(at), cause },
  ...{ state: 'SCHEDULED', inLine: false, attempts: 0, inFlight: null, deferred: null, zones: zones?.join(' ') ?? null },
});

const moved = (before: Tracked, { type, data }: Recorded<DomainEvent>): Tracked | undefined => {
  switch (type) {
    case 'CallbackQueued':
      return { ...before, state: 'QUEUED', inLine: true, enteredAt: Date.parse(data.at) };
    case 'AttemptDecided':
      if (!before.inLine || data.attempt <= before.attempts) return before; // an attempt that was begun before isn't begun again
      return { ...before, inLine: false, inFlight: data.attemptId, deferred: null };
    case 'AttemptVoided':
      return before.state === 'QUEUED' && before.inFlight === data.attemptId ? { ...before, inLine: true, inFlight: null } : before;
    case 'CallbackAttemptStarted':
      return { ...before, state: 'ROUTING', deferred: null, inLine: false, attempts: data.attempt, inFlight: data.attemptId };
    case 'CallbackAttemptFailed':
      return { ...before, state: 'QUEUED', inFlight: null };
    case 'CallbackRequeued':
      return { ...before, state: 'QUEUED', inLine: true, deferred: null };
    case 'CallbackDeferred':
      return deferred(before, data);
    case 'CallbackAttemptWithdrawn':
      return before.state === 'ROUTING' ? { ...before, state: 'QUEUED', inLine: true, inFlight: null } : before;
    case 'CallbackConnected':
      return { ...before, state: 'PROCESSING', inFlight: null };
    case 'CallbackCancelled':
    case 'CallbackCompleted':
      return undefined;
    default:
      return before;
  }
};

/** What was decided for one who can't be called at this hour is over: he keeps his place, and his zones are known from now on. */
const deferred = (before: Tracked, { until, because, zones }: CallbackEventData<'CallbackDeferred'>): Tracked =>
  because === 'LOCAL_HOURS'
    ? { ...before, inLine: true, inFlight: null, deferred: null, zones: zones?.join(' ') ?? before.zones }
    : { ...before, deferred: { until: Date.parse(until), because } };

/** Where one stands: in line, or beside it before a retry. Undefined for one that doesn't wait: it keeps no place. */
export const placeOf = ({ state, inFlight, inLine }: Tracked): 'line' | 'beside' | undefined =>
  state !== 'QUEUED' || inFlight !== null ? undefined : inLine ? 'line' : 'beside';
