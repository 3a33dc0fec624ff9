import type { Clock } from '../../clock.ts';
import { type Database, describeError } from '../../projections/kit/database.ts';
import type { Log } from '../../projections/kit/retrying.ts';
import { pauseAfter } from './back-off.ts';
import { type Claimed, type ClaimKey, failClaim, parkClaim, releaseClaim } from './claims.ts';
import type { leaseIndex } from './leases.ts';
import { NotYetError } from './not-yet.ts';

/** A due entry, as it is handed to be done. `cause` is the id of the event that made it. */
export type Due = ClaimKey & { readonly command: unknown; readonly correlationId: string; readonly tries: number };

export type RunnerOptions = {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly execute: (due: Due) => Promise<void>;
  readonly concurrency: number;
  readonly maxTries: number;
  readonly leases: ReturnType<typeof leaseIndex>;
  /** There is room for more, or an entry's next try is set. */
  readonly changed: () => void;
};

const NO_FACT = 'done, but no fact removed it';
/** Clock time after which what couldn't be done yet is looked at again. */
const NOT_YET_MS = 1_000;

/** Does claimed entries, a bounded number at once; what fails is tried again later and later, and parked in the end. */
export const startRunner = (options: RunnerOptions) => {
  const { db, clock, random, log, execute, concurrency, maxTries, leases, changed } = options;
  const waiting: Claimed[] = [];
  const running = new Map<string, Promise<void>>();
  let closed = false;

  const keyOf = ({ process, instance, entry, cause }: ClaimKey): string => [process, instance, entry, cause].join('\n');
  const isHeld = (claim: ClaimKey): boolean => running.has(keyOf(claim)) || waiting.some((other) => keyOf(other) === keyOf(claim));
  const entryOf = ({ process, instance, entry, cause, tries }: Claimed) => ({ process, instance, entry, cause, tries });

  const park = async (claimed: Claimed, error: string) => {
    leases.clear(claimed);
    log.error({ ...entryOf(claimed), error }, 'an entry is parked: it needs an operator');
    await parkClaim(db, claimed, clock.now(), error);
  };

  const postponed = async (claimed: Claimed, { message }: NotYetError): Promise<Claimed> => {
    const againAt = clock.now() + NOT_YET_MS;
    log.info({ ...entryOf(claimed), waitsFor: message }, 'what a process owes can not be done yet');
    leases.clear(claimed); // until Postgres knows when it is free again
    await releaseClaim(db, claimed, againAt);
    return { ...claimed, leaseUntil: againAt };
  };

  const failed = async (claimed: Claimed, error: unknown): Promise<Claimed | undefined> => {
    if (error instanceof NotYetError) return postponed(claimed, error);
    const described = describeError(error);
    if (claimed.tries >= maxTries) {
      await park(claimed, described);
      return undefined;
    }
    const againAt = clock.now() + pauseAfter(claimed.tries, random());
    log.warn({ ...entryOf(claimed), error: described }, 'what a process owes failed; it will be tried again');
    leases.clear(claimed); // until Postgres knows when it is free again
    await failClaim(db, claimed, againAt, described);
    return { ...claimed, leaseUntil: againAt };
  };

  /** Answers the claim with its new lease, if it is to be made again. */
  const run = async (claimed: Claimed): Promise<Claimed | undefined> => {
    const { process, instance, entry, cause, command, correlationId, tries } = claimed;
    try {
      if (tries > maxTries) await park(claimed, NO_FACT);
      else await execute({ process, instance, entry, cause, command, correlationId, tries });
      return undefined;
    } catch (error) {
      return failed(claimed, error);
    }
  };

  const attempt = async (claimed: Claimed) => {
    const again = await run(claimed).catch((error) => {
      const described = describeError(error);
      log.warn({ ...entryOf(claimed), error: described }, 'a failure could not be noted; the entry is tried again after its lease');
      return claimed;
    });
    running.delete(keyOf(claimed));
    if (again !== undefined) leases.set(again); // after it is let go of: a lease that has run out meanwhile is for claiming, not for renewing
    launch();
    if (again !== undefined || waiting.length === 0) changed();
  };

  const launch = () => {
    while (running.size < concurrency) {
      const claimed = waiting.shift();
      if (claimed === undefined) break;
      running.set(keyOf(claimed), attempt(claimed));
    }
  };

  const giveBack = (claimed: readonly Claimed[]) =>
    Promise.all(claimed.map((claim) => releaseClaim(db, claim, clock.now()))).catch((error) =>
      log.warn({ error: describeError(error) }, 'claims could not be given back; their leases run out'),
    );

  return {
    isHeld,
    /** Does these, if it isn't closed. */
    take: async (claimed: readonly Claimed[]) => {
      if (closed) return giveBack(claimed);
      for (const one of claimed) leases.set(one);
      waiting.push(...claimed.filter((one) => !isHeld(one)));
      launch();
    },
    inFlight: () => running.size,
    isFull: () => running.size + waiting.length >= concurrency,
    /** How many more may be claimed: as many may wait as run. */
    room: () => 2 * concurrency - running.size - waiting.length,
    /** Gives back what hasn't begun, for others to do at once, and settles when the rest is done. */
    close: async () => {
      closed = true;
      await giveBack(waiting.splice(0));
      await Promise.all(running.values());
    },
  };
};
