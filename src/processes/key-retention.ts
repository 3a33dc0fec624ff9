import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Clock, iso, sleepUntil } from '../clock.ts';
import { TIME_TO_LIVE_MS } from '../domain/callback/decider.ts';
import { holdsPersonalData } from '../domain/catalogue.ts';
import type { EventStore, Feed } from '../eventstore/event-store.ts';
import type { Keyring } from '../keys/keyring.ts';
import { positionOf } from '../projections/kit/batch.ts';
import { mutex } from '../projections/kit/mutex.ts';
import { waiters } from '../projections/kit/progress.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const RECONNECT_MS = 1_000;
/** The retiring fact deletes a key; its date, a day later, is the net under it. */
const DATE_MS = TIME_TO_LIVE_MS + DAY_MS;
const BATCH = 500;

export type KeyRetentionDeps = {
  readonly store: EventStore;
  readonly keyring: Pick<Keyring, 'forget' | 'setDeleteAfter' | 'deleteExpired' | 'carriedOut' | 'setCarriedOut'>;
  readonly clock: Clock;
  readonly log: Logger;
};

type Owed = { readonly dates: Map<string, string | null>; readonly gone: Set<string>; upTo: bigint | undefined };
const nothing = (): Owed => ({ dates: new Map(), gone: new Set(), upTo: undefined });
const together = (earlier: Owed, later: Owed): Owed => ({
  dates: new Map([...earlier.dates, ...later.dates]),
  gone: new Set([...earlier.gone, ...later.gone]),
  upTo: later.upTo ?? earlier.upTo,
});

/**
 * Carries out on the key store what the log says of keys: dates move with the desired time, and keys go once their callback was retired or
 * its data erased (1.13). How far it came is kept in the key store itself, so a restored backup hears again of every key that had gone.
 */
export const startKeyRetention = ({ store, keyring, clock, log }: KeyRetentionDeps): { readonly close: () => Promise<void> } => {
  const stop = new AbortController();
  const { signal } = stop;

  let announce = () => {};
  const caughtUp = new Promise<void>((resolve) => {
    announce = resolve;
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  /** What was heard and isn't carried out yet. */
  let owed = nothing();
  let heard: bigint | undefined;
  const { look, waitFor } = waiters(clock);
  signal.addEventListener('abort', look);
  const exclusively = mutex();

  const carryOut = (): Promise<void> =>
    exclusively(async () => {
      const taken = owed;
      owed = nothing(); // what is heard from here on is for the next time
      try {
        if (taken.dates.size > 0) await keyring.setDeleteAfter(taken.dates);
        if (taken.gone.size > 0) await keyring.forget(...taken.gone);
        if (taken.upTo !== undefined) await keyring.setCarriedOut(taken.upTo);
      } catch (error) {
        owed = together(taken, owed);
        throw error;
      }
    });

  /** A mark that isn't an event's position in this log comes from another copy of it: everything is carried out anew. */
  const startingPoint = async (): Promise<bigint | undefined> => {
    const mark = await keyring.carriedOut();
    return mark !== undefined && (await store.idAt(mark)) !== undefined ? mark : undefined;
  };

  /** Answers whether a key is to go at once. */
  const note = ({ event: { type, data, position } }: Extract<Feed, { kind: 'event' }>): boolean => {
    owed.upTo = position;
    if (type === 'CallbackBooked' || type === 'CallbackRescheduled')
      owed.dates.set(data.keyId, iso(Date.parse(data.desiredTime) + DATE_MS));
    else if (holdsPersonalData(type) && 'keyId' in data) owed.dates.set(data.keyId, null); // it was to expire unless it is used
    if (type !== 'CallbackRetired' && type !== 'PersonalDataErased' && type !== 'DoNotCallEntryRemoved') return false;
    owed.gone.add(data.keyId);
    return true;
  };

  const follow = async (): Promise<void> => {
    let live = false;
    const after = await startingPoint();
    heard = after;
    for await (const item of store.follow({ after, personal: false, signal })) {
      if (item.kind === 'caught-up') live = true;
      else heard = positionOf(item);
      look();
      if ((item.kind === 'unknown' || item.kind === 'broken') && item.keyId !== undefined) owed.dates.set(item.keyId, null); // mended code may read it
      const urgent = item.kind === 'event' && note(item);
      const due = (urgent && live) || item.kind === 'caught-up' || owed.dates.size + owed.gone.size >= BATCH;
      if (due) await carryOut();
      if (item.kind === 'caught-up') announce();
    }
  };

  const following = async (): Promise<void> => {
    while (!signal.aborted) {
      await follow().catch((error) => log.warn({ err: error }, 'key retention lost a store; trying again'));
      if (!signal.aborted) await setTimeout(RECONNECT_MS);
    }
  };
  const hears = (position: bigint): Promise<unknown> => waitFor(() => signal.aborted || (heard !== undefined && heard >= position));
  /**
   * Only with every date that the log moved: a date may be one that no longer holds, where its event isn't heard of yet, be that for a machine
   * that slept for weeks.
   */
  const expire = async (): Promise<void> => {
    const now = iso(clock.now());
    const last = await store.lastPosition();
    if (last !== undefined) await hears(last);
    if (signal.aborted) return;
    await carryOut();
    await keyring.deleteExpired(now);
  };
  const expiring = async (): Promise<void> => {
    await caughtUp;
    while (!signal.aborted) {
      await expire().catch((error) => log.warn({ err: error }, 'expired keys could not be deleted; trying again'));
      await sleepUntil(clock, clock.now() + HOUR_MS, signal);
    }
  };
  const running = Promise.all([following(), expiring()]);
  return {
    close: async () => {
      stop.abort();
      await running;
    },
  };
};
