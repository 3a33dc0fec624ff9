import type { Clock } from '../../clock.ts';
import { type Database, describeError } from '../../projections/kit/database.ts';
import { type Log, retrying } from '../../projections/kit/retrying.ts';
import { claimDue, deleteStaleClaims, earliestAnchors, freeHeldClaims, openClaims, renewClaim } from './claims.ts';
import { type Group, groupIndex, type OffsetOf } from './groups.ts';
import { leaseIndex } from './leases.ts';
import type { TodoChanges } from './process-model.ts';
import { type Due, startRunner } from './runner.ts';

export type { Due } from './runner.ts';

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
  /** No other poller does these processes' entries: what one before this had claimed when it was killed is free at once, not after its lease. */
  readonly alone?: boolean;
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
  readonly inFlight: () => number;
  /** Claims nothing more, and settles once what runs is done. */
  readonly close: () => Promise<void>;
};

const BEHIND_MS = 1_000;
/** Groups looked at by one statement. */
const GROUPS_AT_ONCE = 200;

/** Does what processes owe, when it is due by the clock. Starts in the background, and keeps trying while Postgres is away. */
export const startPoller = (options: PollerOptions): Poller => {
  const { db, processes, clock, random, log, offsetOf, execute, isBehind = () => false, alone = false } = options;
  const { concurrency = 32, leaseMs = 30_000, maxTries = 10 } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const persistence = { signal, log };
  const groups = groupIndex(offsetOf);
  const leases = leaseIndex();
  const reloads = new Set(processes);
  let takesOver = alone;
  let sleepingUntil = Number.NEGATIVE_INFINITY;
  let wake = () => {};
  const runner = startRunner({ db, clock, random, log, execute, concurrency, maxTries, leases, changed: () => wake() });

  const reload = async () => {
    if (takesOver) await freeHeldClaims(db, processes, clock.now());
    takesOver = false;
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

  const claim = async (due: readonly Group[], now: number) => {
    const limit = runner.room();
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
      await runner.take(claimed);
    } catch (error) {
      noteBack();
      throw error;
    }
  };

  const lookAtLeases = async (now: number) => {
    const leaseUntil = now + leaseMs;
    const expired = leases.takeExpired(now);
    const held = expired.filter(runner.isHeld);
    for (const { process, group } of expired.filter((lease) => !held.includes(lease))) groups.note(process, group, now - offsetOf(group));
    for (const lease of held) leases.set({ ...lease, leaseUntil });
    for (const lease of held) await renewClaim(db, lease, leaseUntil);
  };

  /** Claims what is due as far as there is room, and answers when to look again. */
  const poll = async (): Promise<number> => {
    if (reloads.size > 0) await reload();
    if (isBehind()) return clock.now() + BEHIND_MS;
    const now = clock.now();
    await lookAtLeases(now);
    await claim(groups.due(now).slice(0, GROUPS_AT_ONCE), now);
    return runner.isFull() ? Number.POSITIVE_INFINITY : Math.min(groups.nextAt(), leases.nextAt());
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
      for (const { group, anchor, dropped } of written) if (!dropped) due = Math.min(due, groups.note(process, group, Date.parse(anchor)));
      if (due < sleepingUntil) wake();
    },
    offsetsChanged: () => wake(),
    inFlight: runner.inFlight,
    close: async () => {
      stopping.abort();
      wake();
      await Promise.all([looping, runner.close()]);
    },
  };
};
