import type { Clock } from '../clock.ts';
import type { Configuration } from '../domain/configuration/state.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import type { ReserveBooking } from './booking-limits.ts';
import type { SoFar } from './decide-on.ts';
import type { TakePlaces } from './places.ts';

/** What booking needs of the keyring: a fresh key for a callback's personal data, given back when nothing was recorded under it, and keyed hashes by purpose. */
export type BookingKeys = {
  readonly takeKey: () => Promise<{ readonly keyId: string }>;
  readonly giveBack: (keyId: string) => void;
  readonly hash: (label: string, ...parts: string[]) => string;
};

/** What commands are carried out with. `newId` makes a random UUID. */
export type CommandDeps = {
  readonly store: EventStore;
  readonly keys: BookingKeys;
  readonly configuration: () => Configuration;
  /** All of it, whoever asks, with its place in the log: a change reads only what came after. */
  readonly configurationSoFar?: SoFar<Configuration>;
  readonly estimatedWaitSeconds: (queue: string) => number | null;
  /** The place in line that the next to queue would get; undefined where nobody can tell. */
  readonly nextPosition?: (queue: string) => number;
  readonly places: TakePlaces;
  readonly reserveBooking: ReserveBooking;
  /** Whether a number (E.164) is on the do-not-call list; none is where there is no such list. */
  readonly isBarred?: (phoneNumber: string) => boolean;
  readonly clock: Clock;
  readonly newId: () => string;
};
