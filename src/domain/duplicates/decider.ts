import { accept, type Decider, type Decision, refuse } from '../kit/decider.ts';
import type { DuplicatesEvent } from './events.ts';

/** The claims on one number in one queue: by `claimId`, the callback whose each is. */
export type Claims = ReadonlyMap<string, string>;

type Released = Extract<DuplicatesEvent, { type: 'NumberReleased' }>['data']['because'];
type Claim = {
  readonly queue: string;
  readonly callbackId: string;
  readonly claimId: string;
  readonly number: string;
  readonly now: string;
};

/** `most` open callbacks may there be, this one with them; null claims without looking. */
export type DuplicatesCommand =
  | (Claim & { readonly type: 'ClaimNumber'; readonly most: number | null; readonly decidedAt: number | null })
  | (Claim & { readonly type: 'ReleaseNumber'; readonly because: Released });
export type DuplicatesRefusal = { readonly code: 'DUPLICATE' };

/** The callbacks that others than `callbackId` claim a number for. One that is booked twice under one Idempotency-Key claims it twice. */
export const othersThan = (claims: Claims, callbackId: string): ReadonlySet<string> =>
  new Set([...claims.values()].filter((id) => id !== callbackId));

const decide = (command: DuplicatesCommand, claims: Claims): Decision<DuplicatesEvent, DuplicatesRefusal> => {
  const { queue, callbackId, claimId, number, now } = command;
  const claim = { queue, callbackId, claimId, number };
  const claimed = claims.has(claimId);
  if (command.type === 'ReleaseNumber') {
    if (!claimed) return accept();
    return accept({ type: 'NumberReleased', data: { ...claim, because: command.because, at: now } });
  }
  const { most, decidedAt } = command;
  if (claimed) return accept();
  if (most !== null && othersThan(claims, callbackId).size >= most) return refuse({ code: 'DUPLICATE' });
  return accept({ type: 'NumberClaimed', data: { ...claim, most, decidedAt, at: now } });
};

const evolve = (claims: Claims, { type, data }: DuplicatesEvent): Claims => {
  const next = new Map(claims);
  if (type === 'NumberClaimed') next.set(data.claimId, data.callbackId);
  else next.delete(data.claimId);
  return next;
};

/** Open callbacks per number and queue (1.7). */
export const duplicates: Decider<Claims, DuplicatesCommand, DuplicatesEvent, DuplicatesRefusal> = {
  ...{ initial: new Map(), evolve, decide },
};
