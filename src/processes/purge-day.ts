import { type Clock, iso } from '../clock.ts';
import { eachAtOnce } from '../commands/each-at-once.ts';
import { handle } from '../commands/handle.ts';
import { businessDaysKind, callbackKind } from '../commands/streams.ts';
import { businessDayStream } from '../domain/business-day/events.ts';
import { callbackStream } from '../domain/callback/events.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import type { BusinessDayCommand } from './business-days.ts';

/** Ids of those who wait in a queue (QUEUED) and entered it before an instant, page by page; one that went meanwhile may be among them. */
export type WaitingBefore = (queue: string, instant: string) => AsyncIterable<readonly string[]>;

export type PurgeDayDeps = { readonly store: EventStore; readonly waitingBefore: WaitingBefore; readonly clock: Clock };

const AT_ONCE = 32;

/**
 * Purges who still waits at the end of a business day, each by an append of its own, and records that it is done. Killed on the way, it
 * begins again with those who are left.
 */
export const purgeDay = async (
  { store, waitingBefore, clock }: PurgeDayDeps,
  { queue, day, closedAt }: Extract<BusinessDayCommand, { type: 'PurgeBusinessDay' }>,
  context: CommandContext,
): Promise<void> => {
  const purge = async (id: string): Promise<void> => {
    const command = { type: 'PurgeCallback', reason: 'PURGED_END_OF_DAY', enteredBefore: closedAt, now: iso(clock.now()) } as const;
    await handle(store, callbackKind, callbackStream(id), command, context);
  };
  for await (const ids of waitingBefore(queue, closedAt)) await eachAtOnce(ids, AT_ONCE, purge);
  const done = { type: 'RecordDayPurged', queue, day, closedAt, now: iso(clock.now()) } as const;
  await handle(store, businessDaysKind, businessDayStream(queue), done, context);
};
