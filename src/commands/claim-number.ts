import { callbackStream, type NumberClaim } from '../domain/callback/events.ts';
import { type DuplicatesCommand, othersThan } from '../domain/duplicates/decider.ts';
import { duplicatesStream } from '../domain/duplicates/events.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import { ContendedError, fold, handle } from './handle.ts';
import { callbackKind, duplicatesKind } from './streams.ts';

const ATTEMPTS = 20;

/** Claims `number`, a keyed hash, for a callback. `most` open ones may there be, or any number where null; see `NumberClaimed`. */
export type ClaimWish = {
  readonly queue: string;
  readonly callbackId: string;
  readonly claim: NumberClaim;
  readonly most: number | null;
  readonly decidedAt: number | null;
  readonly now: string;
};

type Release = Extract<DuplicatesCommand, { type: 'ReleaseNumber' }>['because'];

/** A number's name in a queue, which links it to nothing in another. */
export const numberIn = (hash: (label: string, ...parts: string[]) => string, queue: string, e164: string): string =>
  hash('duplicate', queue, e164);

/** Releases a claim that is held; one that isn't any more stays so. */
export const releaseNumber = async (
  store: EventStore,
  { queue, callbackId, claim, because, now }: Pick<ClaimWish, 'queue' | 'callbackId' | 'claim' | 'now'> & { readonly because: Release },
  context: CommandContext,
): Promise<void> => {
  const command = { type: 'ReleaseNumber', queue, callbackId, ...claim, because, now } as const;
  await handle(store, duplicatesKind, duplicatesStream(queue, claim.number), command, context);
};

/** Whether a callback is over, and its claim only not released yet. One that isn't booked yet may still be. */
const isOver = async (store: EventStore, callbackId: string): Promise<boolean> =>
  (await fold(store, callbackKind, callbackStream(callbackId))).state.state === 'COMPLETED';

/**
 * Claims a number for one more open callback (1.7), at the revision read: true once it is claimed, false where there are as many as the queue
 * takes. Claims of callbacks that are over count no more, though nobody came to release them yet.
 */
export const claimNumber = async (store: EventStore, wish: ClaimWish, context: CommandContext): Promise<boolean> => {
  const { queue, callbackId, claim, most, decidedAt, now } = wish;
  const stream = duplicatesStream(queue, claim.number);
  const command = { type: 'ClaimNumber', queue, callbackId, ...claim, most, decidedAt, now } as const;
  if (most === null) {
    const { initial, decide } = duplicatesKind.decider;
    const decision = decide(command, initial);
    if (decision.ok) await store.append(stream, decision.events, 'any', context);
    return true;
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { state, revision } = await fold(store, duplicatesKind, stream);
    const over = new Set<string>();
    if (othersThan(state, callbackId).size >= most)
      for (const other of othersThan(state, callbackId)) if (await isOver(store, other)) over.add(other);
    const open = new Map([...state].filter(([, holder]) => !over.has(holder)));
    const decision = duplicatesKind.decider.decide(command, open);
    if (!decision.ok) return false;
    const appended = await store.append(stream, decision.events, revision ?? 'no-stream', context);
    if (appended.ok) return true;
  }
  throw new ContendedError(`claims of a number: another writer came first ${ATTEMPTS} times`);
};
