import type { Clock } from '../../clock.ts';
import { type Database, describeError } from '../../projections/kit/database.ts';
import { type Log, retrying } from '../../projections/kit/retrying.ts';
import { pauseAfter } from './back-off.ts';
import {
  type Claimed,
  type ClaimKey,
  claimDue,
  deleteStaleClaims,
  dropClaim,
  earliestAnchors,
  failClaim,
  openClaims,
  type Parked,
  parkClaim,
  parkedClaims,
  renewClaim,
  unparkClaim,
} from './claims.ts';
import { type Group, groupIndex, type OffsetOf } from './groups.ts';
import { leaseIndex } from './leases.ts';
import type { TodoChanges } from './process-model.ts';

/** A due entry, as it is handed to be done. `cause` is the id of the event that made it: command ids derive from it. */
export type Due = ClaimKey & { readonly command: unknown; readonly correlationId: string; readonly tries: number };

export type PollerOptions = {
  readonly db: Database;
  /** Names of the processes whose entries are done here. */
  readonly processes: readonly string[];
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly log: Log;
  readonly offsetOf: OffsetOf;
  /** Does what is owed. It is done only when a fact removes the entry: until then it may be run again, even after success. */
  readonly execute: (due: Due) => Promise<void>;
  /** True while the to-do lists are too far behind the log to be acted on. */
  readonly isBehind?: () => boolean;
  /** How many entries are done at once. */
  readonly concurrency?: number;
  /** Clock time after which an entry that no fact removed is done again; doubles with each try. */
  readonly leaseMs?: number;
  /** Tries after which an entry is left to an operator. */
  readonly maxTries?: number;
};

export type Poller = {
  /** Hears what changed in the to-do lists: new entries that are due already are done at once. */
  readonly changed: (changes: TodoChanges) => void;
  /** Offsets may have changed: looks at them again. */
  readonly offsetsChanged: () => void;
  readonly parked: (limit: number) => Promise<Parked[]>;
  /** Gives a parked entry all its tries again. False if it isn't parked. */
  readonly retry: (claim: ClaimKey) => Promise<boolean>;
  /** Never runs a parked entry again. False if it isn't parked. */
  readonly drop: (claim: ClaimKey) => Promise<boolean>;
  readonly inFlight: () => number;
  /** Claims nothing more, and settles once what runs is done. */
  readonly close: () => Promise<void>;
};

const BEHIND_MS = 1_000;
/** Groups looked at by one statement. */
const GROUPS_AT_ONCE = 200;
const NO_FACT = 'done, but no fact removed it';

/** Does what processes owe, when it is due by the clock. Starts in the background, and keeps trying while Postgres is away. */
export const startPoller = (options: PollerOptions): Poller => {
  const { db, processes, clock, random, log, offsetOf, execute, isBehind = () => false } = options;
  const { concurrency = 32, leaseMs = 30_000, maxTries = 10 } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const persistence = { signal, log };
  const groups = groupIndex(offsetOf);
  const leases = leaseIndex();
  const waiting: Claimed[] = [];
  const running = new Map<string, Promise<void>>();
  const reloads = new Set(processes);
  let sleepingUntil = Number.NEGATIVE_INFINITY;
  let wake = () => {};

  const keyOf = ({ process, instance, entry, cause }: ClaimKey): string => [process, instance, entry, cause].join('\n');
  const isHeld = (claim: ClaimKey): boolean => running.has(keyOf(claim)) || waiting.some((other) => keyOf(other) === keyOf(claim));
  const entryOf = ({ process, instance, entry, cause, tries }: Claimed) => ({ process, instance, entry, cause, tries });

  const reload = async () => {
    for (const process of reloads) {
      groups.forget(process);
      leases.forget(process);
      reloads.delete(process);
      try {
        await deleteStaleClaims(db, process);
        for (const { group, anchor } of await earliestAnchors(db, process)) groups.note(process, group, anchor);
        for (const lease of await openClaims(db, process)) leases.set(lease);
      } catch (error) {
        reloads.add(process);
        throw error;
      }
    }
  };

  const park = async (claimed: Claimed, error: string | undefined) => {
    leases.clear(claimed);
    log.error({ ...entryOf(claimed), error }, 'an entry is parked: it needs an operator');
    await parkClaim(db, claimed, clock.now(), error);
  };

  const failed = async (claimed: Claimed, error: unknown) => {
    const described = describeError(error);
    if (claimed.tries >= maxTries) return park(claimed, described);
    const againAt = clock.now() + pauseAfter(claimed.tries, random());
    log.warn({ ...entryOf(claimed), error: described }, 'what a process owes failed; it will be tried again');
    leases.clear(claimed); // until Postgres knows when it is free again
    await failClaim(db, claimed, againAt, described);
    leases.set({ ...claimed, leaseUntil: againAt });
    wake();
  };

  const run = async (claimed: Claimed) => {
    const { process, instance, entry, cause, command, correlationId, tries } = claimed;
    try {
      if (tries > maxTries) return await park(claimed, NO_FACT);
      try {
        await execute({ process, instance, entry, cause, command, correlationId, tries });
      } catch (error) {
        await failed(claimed, error);
      }
    } catch (error) {
      log.warn(
        { ...entryOf(claimed), error: describeError(error) },
        'a failure could not be noted; the entry is tried again after its lease',
      );
    }
  };

  const launch = () => {
    while (running.size < concurrency) {
      const claimed = waiting.shift();
      if (claimed === undefined) break;
      const key = keyOf(claimed);
      const done = run(claimed).finally(() => {
        running.delete(key);
        launch();
        if (waiting.length === 0) wake();
      });
      running.set(key, done);
    }
  };

  const take = (claimed: readonly Claimed[]) => {
    for (const one of claimed) leases.set(one);
    waiting.push(...claimed.filter((one) => !isHeld(one)));
    launch();
  };

  const claim = async (due: readonly Group[], now: number) => {
    const limit = 2 * concurrency - running.size - waiting.length;
    if (limit <= 0 || due.length === 0 || signal.aborted) return;
    const wanted = due.map(({ process, group }) => ({ process, group, dueUntil: now - offsetOf(group) }));
    for (const { process, group } of due) groups.set(process, group, undefined); // what is noted from here on is newer than the statement
    const noteBack = () => {
      for (const { process, group, earliest } of due) groups.note(process, group, earliest);
    };
    try {
      const { claimed, next } = await claimDue(db, { groups: wanted, now, leaseMs, limit });
      if (claimed.length === limit) noteBack();
      for (const { process, group, anchor } of next) groups.note(process, group, anchor);
      take(claimed);
    } catch (error) {
      noteBack();
      throw error;
    }
  };

  const lookAtLeases = async (now: number) => {
    for (const lease of leases.takeExpired(now)) {
      if (isHeld(lease)) {
        const leaseUntil = now + leaseMs;
        leases.set({ ...lease, leaseUntil });
        await renewClaim(db, lease, leaseUntil);
      } else groups.note(lease.process, lease.group, now - offsetOf(lease.group));
    }
  };

  /** Claims what is due as far as there is room, and answers when to look again. */
  const poll = async (): Promise<number> => {
    if (reloads.size > 0) await reload();
    if (isBehind()) return clock.now() + BEHIND_MS;
    const now = clock.now();
    await lookAtLeases(now);
    await claim(groups.due(now).slice(0, GROUPS_AT_ONCE), now);
    const isFull = running.size + waiting.length >= concurrency;
    return isFull ? Number.POSITIVE_INFINITY : Math.min(groups.nextAt(), leases.nextAt());
  };

  const sleep = (until: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = Number.isFinite(until) ? clock.at(until, resolve) : () => {};
      sleepingUntil = until;
      wake = () => {
        cancel();
        resolve();
      };
    });

  const loop = async () => {
    while (!signal.aborted) {
      let woken = false;
      wake = () => {
        woken = true;
      };
      sleepingUntil = Number.POSITIVE_INFINITY;
      const next = await retrying('looking for due entries', persistence, poll);
      if (!woken && !signal.aborted) await sleep(next);
      sleepingUntil = Number.POSITIVE_INFINITY;
    }
  };
  const looping = loop().catch((error) => {
    if (!signal.aborted) log.error({ error: describeError(error) }, 'the poller stopped');
  });

  const forget = (process: string, entries: readonly { readonly instance: string; readonly entry: string }[]) => {
    for (const { instance, entry } of entries) leases.clear({ process, instance, entry });
  };

  return {
    changed: ({ process, written, removed, swapped }) => {
      if (!processes.includes(process)) return;
      if (swapped) {
        reloads.add(process);
        return wake();
      }
      forget(process, removed);
      forget(process, written);
      let due = Number.POSITIVE_INFINITY;
      for (const { group, anchor } of written) due = Math.min(due, groups.note(process, group, Date.parse(anchor)));
      if (due < sleepingUntil) wake();
    },
    offsetsChanged: () => wake(),
    parked: async (limit) => (await Promise.all(processes.map((process) => parkedClaims(db, process, limit)))).flat().slice(0, limit),
    retry: async (claimed) => {
      const freed = await unparkClaim(db, claimed, clock.now());
      reloads.add(claimed.process);
      wake();
      return freed;
    },
    drop: (claimed) => dropClaim(db, claimed),
    inFlight: () => running.size,
    close: async () => {
      stopping.abort();
      waiting.length = 0;
      wake();
      await looping;
      await Promise.all(running.values());
    },
  };
};
