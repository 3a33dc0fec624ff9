import type { ReserveBooking, WantedBooking } from '../commands/booking-limits.ts';
import { callbackIdOf } from '../domain/callback/events.ts';
import { slidingWindow, type Within } from './kit/sliding-window.ts';
import type { LiveView } from './live-view.ts';

const MINUTE_MS = 60_000;
/** How long a number's bookings count. */
export const COUNTED_MS = 86_400_000;

/** A booking by an API key, as it counts; `numberHash` is there where the number counts. */
export type CountedBooking = {
  readonly client: string;
  readonly queue: string;
  readonly numberHash: string | undefined;
  /** Epoch ms. */
  readonly at: number;
};

/** What each API key has booked lately (1.8), on all nodes as far as this one has heard, and on this one what is just being booked. */
export type BookingCounts = LiveView & {
  readonly reserve: ReserveBooking;
  /** Takes over what was folded before. */
  readonly seed: (booking: CountedBooking) => void;
  /** How many numbers and queues are held in memory. */
  readonly size: () => number;
};

type Limit = { readonly limit: 'number' | 'queue'; readonly most: number; readonly lengthMs: number };
/** `keys`: what reservations are counted under; the first is that of a new one. */
type Window = Limit & { readonly booked: Within; readonly keys: readonly string[] };

/** The days that pseudonyms of numbers change with are the generations that they are held in. */
const dayOf = (instant: number): number => Math.floor(instant / COUNTED_MS);

const queueKey = (client: string, queue: string): string => `${client}\n${queue}`;

export const bookingCounts = (): BookingCounts => {
  const numbers = slidingWindow(COUNTED_MS);
  const queues = slidingWindow(MINUTE_MS);
  /** Reservations by what they are counted under. */
  const reserved = new Map<string, number>();
  /** Reservations by callback: those under one Idempotency-Key are for the same one. */
  const inFlight = new Map<string, number>();
  /** Counted as they were kept: the log will tell of them once more. */
  const untold = new Set<string>();
  /** Told of by the log while they were in flight. */
  const told = new Set<string>();

  const change = (counts: Map<string, number>, key: string, by: number): void => {
    const count = (counts.get(key) ?? 0) + by;
    if (count === 0) counts.delete(key);
    else counts.set(key, count);
  };
  const count = ({ client, queue, numberHash, at }: CountedBooking): void => {
    queues.add(queueKey(client, queue), at);
    if (numberHash !== undefined) numbers.add(numberHash, at);
  };
  const windowsOf = ({ client, queue, limits, numberOn, now }: WantedBooking): readonly Window[] => {
    const key = queueKey(client, queue);
    const most = limits.bookingsPerQueuePerMinute;
    const ofQueue: Window = { limit: 'queue', most, lengthMs: MINUTE_MS, booked: queues.within(() => key, now), keys: [key] };
    if (numberOn === null) return [ofQueue];
    const booked = numbers.within(numberOn, now);
    const keys = [numberOn(dayOf(now)), numberOn(dayOf(now) - 1)];
    return [{ limit: 'number', most: limits.immediatePerNumberPerDay, lengthMs: COUNTED_MS, booked, keys }, ofQueue];
  };
  /** How long until there is room, in ms; none to wait for where there is. What is in flight counts as booked now. */
  const waitOf = ({ most, lengthMs, booked, keys }: Window, now: number): number => {
    const pending = keys.reduce((sum, key) => sum + (reserved.get(key) ?? 0), 0);
    const over = booked.count + pending - most;
    return over < 0 ? 0 : Math.max(1, (booked.at(over) ?? now) + lengthMs - now);
  };

  return {
    name: 'booking-counts',
    reserve: (wanted) => {
      const { client, queue, callbackId, now, numberOn } = wanted;
      const windows = windowsOf(wanted);
      const waits = windows.map((window) => ({ limit: window.limit, ms: waitOf(window, now) })).sort((a, b) => b.ms - a.ms);
      const [longest] = waits;
      if (longest !== undefined && longest.ms > 0) {
        const retryAfterSeconds = Math.ceil(longest.ms / 1000);
        return { ok: false, refusal: { code: 'LIMIT_REACHED', limit: longest.limit, retryAfterSeconds } };
      }
      const keys = windows.flatMap((window) => window.keys.slice(0, 1));
      for (const key of keys) change(reserved, key, 1);
      change(inFlight, callbackId, 1);
      let isOpen = true;
      const end = (isKept: boolean): void => {
        if (!isOpen) return;
        isOpen = false;
        for (const key of keys) change(reserved, key, -1);
        change(inFlight, callbackId, -1);
        if (isKept && !told.has(callbackId)) {
          count({ client, queue, numberHash: numberOn?.(dayOf(now)), at: now });
          untold.add(callbackId);
        }
        if (!inFlight.has(callbackId)) told.delete(callbackId);
      };
      return { ok: true, keep: () => end(true), release: () => end(false) };
    },
    seed: count,
    size: () => numbers.size() + queues.size(),
    apply: ({ type, data, streamId, metadata: { actor } }) => {
      if (type !== 'CallbackBooked' || actor.kind !== 'client') return;
      const callbackId = callbackIdOf(streamId);
      if (untold.delete(callbackId)) return;
      count({ client: actor.id, queue: data.queue, numberHash: data.numberHash, at: Date.parse(data.at) });
      if (inFlight.has(callbackId)) told.add(callbackId);
    },
  };
};
