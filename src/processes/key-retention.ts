import type { Logger } from 'pino';
import { type Clock, iso, sleepUntil } from '../clock.ts';
import { TIME_TO_LIVE_MS } from '../domain/callback/decider.ts';
import type { EventStore, Feed } from '../eventstore/event-store.ts';
import type { Keyring } from '../keys/keyring.ts';

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

/**
 * Carries out on the key store what the log says of keys: dates move with the desired time, and keys go once their callback was retired or
 * its data erased (1.13). How far it came is kept in the key store itself, so a restored backup hears again of every key that had gone.
 */
export const startKeyRetention = ({ store, keyring, clock, log }: KeyRetentionDeps): { readonly close: () => Promise<void> } => {
  const stop = new AbortController();
  const { signal } = stop;

  let flush = async (): Promise<void> => {};
  let announce = () => {};
  const caughtUp = new Promise<void>((resolve) => {
    announce = resolve;
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

  const carryOut = async (dates: Map<string, string>, gone: Set<string>, position: bigint): Promise<void> => {
    await Promise.all([...dates].map(([keyId, date]) => keyring.setDeleteAfter(keyId, date)));
    if (gone.size > 0) await keyring.forget(...gone);
    await keyring.setCarriedOut(position);
    dates.clear();
    gone.clear();
  };

  /** A mark that isn't an event's position in this log comes from another copy of it: everything is carried out anew. */
  const startingPoint = async (): Promise<bigint | undefined> => {
    const mark = await keyring.carriedOut();
    return mark !== undefined && (await store.idAt(mark)) !== undefined ? mark : undefined;
  };

  const follow = async (): Promise<void> => {
    const dates = new Map<string, string>();
    const gone = new Set<string>();
    let live = false;
    const note = (item: Extract<Feed, { kind: 'event' }>): boolean => {
      const { type, data } = item.event;
      if (type === 'CallbackBooked' || type === 'CallbackRescheduled') dates.set(data.keyId, iso(Date.parse(data.desiredTime) + DATE_MS));
      if (type !== 'CallbackRetired' && type !== 'PersonalDataErased') return false;
      gone.add(data.keyId);
      return true;
    };
    let last: bigint | undefined;
    flush = async () => {
      if (last !== undefined) await carryOut(dates, gone, last);
    };
    for await (const item of store.follow({ after: await startingPoint(), personal: false, signal })) {
      if (item.kind === 'caught-up') live = true;
      const urgent = item.kind === 'event' && note(item);
      if (item.kind === 'event') last = item.event.position;
      const due = (urgent && live) || item.kind === 'caught-up' || dates.size + gone.size >= BATCH;
      if (due && last !== undefined) await carryOut(dates, gone, last);
      if (item.kind === 'caught-up') announce();
    }
  };

  const following = async (): Promise<void> => {
    while (!signal.aborted) {
      await follow().catch((error) => log.warn({ err: error }, 'key retention lost a store; trying again'));
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    }
  };
  /** Only with every date that the log moved: before it is caught up, a date may be one that no longer holds. */
  const expire = async (): Promise<void> => {
    await flush();
    await keyring.deleteExpired(iso(clock.now()));
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
