import type { KeyLimits } from '../domain/access/events.ts';

/** What would be booked, and by which API key. `numberOn` gives the number's pseudonym on a UTC day (days since the epoch); null where the number isn't counted. */
export type WantedBooking = {
  readonly client: string;
  readonly limits: KeyLimits;
  readonly queue: string;
  readonly callbackId: string;
  readonly numberOn: ((utcDay: number) => string) | null;
  /** Epoch ms. */
  readonly now: number;
};

/** `retryAfterSeconds`: when there is room again, as far as is known now. */
export type LimitReached = { readonly code: 'LIMIT_REACHED'; readonly limit: 'number' | 'queue'; readonly retryAfterSeconds: number };

/** Room for one booking: kept once it is recorded, else given back. */
export type Reservation =
  | { readonly ok: true; readonly keep: () => void; readonly release: () => void }
  | { readonly ok: false; readonly refusal: LimitReached };

/** Takes room for a booking within what its API key may book (1.8), at once and before anything else can be decided. */
export type ReserveBooking = (wanted: WantedBooking) => Reservation;

type KeyedHash = (label: string, ...parts: string[]) => string;

const DAY_MS = 86_400_000;
const UNLIMITED: Reservation = { ok: true, keep: () => undefined, release: () => undefined };

/** A number as it is counted: another pseudonym for each API key and UTC day, so that it links nothing beyond them. 22 letters, 132 bits. */
export const numberPseudonym = (hash: KeyedHash, client: string, utcDay: number, e164: string): string =>
  hash('counted-number', client, String(utcDay), e164).slice(0, 22);

/** Room for a booking, and the number's pseudonym where it counts. `limits` null: of one who has none; `counted` null: a number that doesn't count. */
export const roomFor = (
  reserveBooking: ReserveBooking,
  hash: KeyedHash,
  { limits, ...wanted }: Omit<WantedBooking, 'limits' | 'numberOn'> & { readonly limits: KeyLimits | null },
  counted: string | null,
): { readonly room: Reservation; readonly numberHash: string | undefined } => {
  if (limits === null) return { room: UNLIMITED, numberHash: undefined };
  const { client, now } = wanted;
  if (counted === null) return { room: reserveBooking({ ...wanted, limits, numberOn: null }), numberHash: undefined };
  const known = new Map<number, string>();
  const numberOn = (utcDay: number): string => {
    const name = known.get(utcDay) ?? numberPseudonym(hash, client, utcDay, counted);
    known.set(utcDay, name);
    return name;
  };
  return { room: reserveBooking({ ...wanted, limits, numberOn }), numberHash: numberOn(Math.floor(now / DAY_MS)) };
};
